//! One run of the server, from what it was told to its end.

use crate::cli::Invocation;
use crate::compose::Composed;
use crate::config::Config;
use crate::failure::Failure;
use crate::{log, panics, ready, shutdown};
use http_server::{Drained, Server};

/// Runs the server until a signal.
pub(crate) fn server(invocation: Invocation) -> Result<(), Failure> {
    let config = Config::resolve(invocation)?;
    log::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name(panics::WORKER)
        .build()
        .map_err(|error| Failure::Other(format!("cannot start threads: {error}")))?;
    runtime.block_on(serve(&config))
}

/// The address comes first: a port that is taken must not leave a data directory behind.
async fn serve(config: &Config) -> Result<(), Failure> {
    let address = config.http.address;
    let server = Server::bind(address).await.map_err(|error| Failure::listening(address, error))?;
    let address = server.local_address().map_err(|error| Failure::listening(address, error))?;
    let composed = Composed::open(config)?;
    let stop =
        shutdown::requested().map_err(|error| Failure::Other(format!("cannot wait for signals: {error}")))?;
    ready::announce(config, address)?;
    let settings = config.http.settings();
    let drained =
        server.serve(settings, composed.pipeline(), composed.readiness(), stop, shutdown::DRAIN).await;
    ready::withdraw(config);
    composed.close()?;
    match drained {
        Drained::Fully => Ok(()),
        Drained::CutOff => {
            tracing::warn!(
                "some requests were still running after {} s and were cut off",
                shutdown::DRAIN.as_secs()
            );
            Ok(())
        }
    }
}
