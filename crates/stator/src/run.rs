//! One run of the server, from its settings to its exit.

use crate::cli::Invocation;
use crate::compose::{Composed, DaxListener};
use crate::config::Config;
use crate::failure::Failure;
use crate::open_files::OpenFiles;
use crate::{log, notify, panics, ready, shutdown};
use http_server::{Drained, Server, Settings, Tls};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// See [`runtime`].
const WORKERS_MIN: usize = 2;

/// Runs the server until a signal. The address comes first: a port that is taken must not leave a data
/// directory behind. Opening and closing the data may block, so they happen outside the runtime.
pub(crate) fn server(invocation: Invocation) -> Result<(), Failure> {
    let config = Config::resolve(invocation)?;
    log::start(&config.log)?;
    let settings = within(OpenFiles::raise()?, &config);
    let tls = tls(&config)?;
    let runtime = runtime()?;
    let server = runtime.block_on(bind(&config))?;
    let dax = runtime.block_on(DaxListener::bind(&config, tls.clone()))?;
    // A single worker, which only tokio's own variable sets, waits itself.
    let workers = runtime.metrics().num_workers().max(WORKERS_MIN);
    let mut composed = Composed::open(&config, workers, dax.as_ref().map(DaxListener::reached))?;
    let server = match &tls {
        Some(tls) => server.with_tls(tls.clone()),
        None => server,
    };
    let minutes = composed.minutes(runtime.handle().clone())?;
    let drained = runtime.block_on(serve(&config, settings, (server, dax), tls, &mut composed))?;
    ready::withdraw(&config);
    minutes.stop();
    composed.close()?;
    if drained == Drained::CutOff {
        tracing::warn!(
            "some requests were still running after {} s and were cut off",
            shutdown::DRAIN.as_secs()
        );
    }
    Ok(())
}

/// As many workers as cores, and two at least: all but one of them may wait for the disk.
fn runtime() -> Result<Runtime, Failure> {
    let build = || {
        let mut builder = Builder::new_multi_thread();
        if std::thread::available_parallelism().is_ok_and(|cores| cores.get() < WORKERS_MIN) {
            builder.worker_threads(WORKERS_MIN);
        }
        builder.enable_all().thread_name(panics::WORKER).build()
    };
    // The system's refusal of a thread is a panic in there.
    panics::mean(no_threads, build).map_err(|error| no_threads(&error.to_string()))
}

fn no_threads(why: &str) -> Failure {
    Failure::Other(format!(
        "cannot start the threads that serve requests: {why}; allow this user more of them with ulimit -u"
    ))
}

fn tls(config: &Config) -> Result<Option<Tls>, Failure> {
    let tls = config.tls.clone().map(Tls::load).transpose();
    tls.map_err(|error| Failure::Usage(error.to_string()))
}

async fn bind(config: &Config) -> Result<Server, Failure> {
    let address = config.http.address;
    Server::bind(address).await.map_err(|error| Failure::listening(address, error))
}

/// The listener's settings, with no more connections than there are files for.
fn within(open_files: OpenFiles, config: &Config) -> Settings {
    let mut settings = config.http.settings();
    let (wanted, left) = (settings.limits.connections, open_files.left_for_connections(&config.data));
    if left < wanted {
        tracing::warn!("at most {left} clients can be connected at a time, not {wanted}: ulimit -n is low");
        settings.limits.connections = left;
    }
    settings
}

async fn serve(
    config: &Config,
    settings: Settings,
    (server, dax): (Server, Option<DaxListener>),
    tls: Option<Tls>,
    composed: &mut Composed,
) -> Result<Drained, Failure> {
    let address = server.local_address().map_err(|error| Failure::listening(config.http.address, error))?;
    let stop = shutdown::requested(tls)
        .map_err(|error| Failure::Other(format!("cannot wait for signals: {error}")))?;
    composed.reached_at(ready::url_of_this_machine(config, address));
    composed.start_background();
    let dax_url = dax.as_ref().map(DaxListener::url);
    let (close, closing) = watch::channel(false);
    let dax = dax.zip(composed.dax()).map(|(listener, dax)| tokio::spawn(listener.serve(dax, closing)));
    ready::announce(config, address, dax_url.as_deref())?;
    notify::tell(notify::READY);
    let (pipeline, pages) = (composed.pipeline(), composed.pages(config));
    let stop = Box::pin(async {
        stop.await;
        notify::tell(notify::STOPPING);
        composed.stop_background().await; // functions that are under way still call this server
        close.send_replace(true);
    });
    let drained = server.serve(settings, pipeline, pages, stop, shutdown::DRAIN).await;
    if let Some(dax) = dax {
        _ = dax.await;
    }
    Ok(drained)
}
