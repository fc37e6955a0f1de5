//! Signals. Ctrl-C, SIGTERM, and SIGHUP where it is not ignored: the first starts a graceful stop; the
//! second ends the process. A server with TLS reloads its certificates at SIGHUP instead.

use crate::stderr;
use http_server::Tls;
use std::future::Future;
use std::io;

/// How long requests in progress may take once the server stops.
pub(crate) const DRAIN: std::time::Duration = std::time::Duration::from_secs(10);

/// Completes at the first signal. Afterwards the next one ends the process at once.
pub(crate) fn requested(tls: Option<Tls>) -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::new(tls.is_none())?;
    if let Some(tls) = tls {
        tokio::spawn(reload_at_hangup(hangups()?, tls));
    }
    Ok(async move {
        signals.next().await;
        tracing::info!("stopping; a second signal ends the process at once");
        tokio::spawn(async move {
            signals.next().await;
            stderr::say("ended by a second signal before all requests were answered");
            std::process::exit(1);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Absent where the signal is ignored by the parent's choice, as nohup does, and where it does not mean the end.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new(hangup_ends: bool) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: (hangup_ends && !is_ignored(libc::SIGHUP)).then(hangups).transpose()?,
        })
    }

    async fn next(&mut self) {
        std::future::poll_fn(|cx| {
            let signals = [&mut self.interrupt, &mut self.terminate].into_iter().chain(&mut self.hangup);
            for signal in signals {
                if signal.poll_recv(cx).is_ready() {
                    return std::task::Poll::Ready(());
                }
            }
            std::task::Poll::Pending
        })
        .await;
    }
}

#[cfg(unix)]
fn hangups() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
}

/// Files that cannot be used change nothing.
#[cfg(unix)]
async fn reload_at_hangup(mut hangups: tokio::signal::unix::Signal, tls: Tls) {
    while hangups.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("the certificates were read again, for connections from now on"),
            Err(error) => tracing::error!("{error}; connections go on with the certificates from before"),
        }
    }
}

#[cfg(unix)]
fn is_ignored(signal: libc::c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: reads the action of a signal and sets none; all zeros are a valid action, and it is written to.
    let action = unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
fn hangups() -> io::Result<()> {
    Ok(())
}

/// There are no hangups.
#[cfg(not(unix))]
async fn reload_at_hangup(_: (), _: Tls) {}

#[cfg(not(unix))]
impl Signals {
    fn new(_: bool) -> io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
