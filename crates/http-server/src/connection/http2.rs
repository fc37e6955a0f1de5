//! A connection in HTTP/2: many requests beside each other. Its memory is bounded as that of HTTP/1.1 is: windows and
//! heads have limits here, bodies and answers count where all others do.

use super::{BUFFER_BYTES_MAX, closed};
use crate::handler::Handler;
use crate::request_state::AwaitingClient;
use crate::transport::Transport;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use pipeline::Peer;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Requests of one connection that are served beside each other.
const STREAMS_MAX: u32 = 128;
/// The window of body bytes that a client may send without further credit.
const WINDOW_BYTES: u32 = BUFFER_BYTES_MAX as u32;
const HEAD_BYTES_MAX: u32 = 64 * 1024;

/// Requests of a connection: how many there were, and how many are not answered.
#[derive(Debug, Default)]
struct Requests {
    begun: AtomicU64,
    open: AtomicUsize,
}

/// A request that is being answered, or was cancelled.
struct Open<'a>(&'a Requests);

impl Requests {
    fn begin(&self) -> Open<'_> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(self)
    }

    /// Completes when there was no request for so long.
    async fn idle_for(&self, timeout: Duration) {
        loop {
            let begun = self.begun.load(Ordering::Relaxed);
            tokio::time::sleep(timeout).await;
            if self.open.load(Ordering::Relaxed) == 0 && self.begun.load(Ordering::Relaxed) == begun {
                return;
            }
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves a connection to its end, as [`super::serve`] does.
pub(super) async fn serve(
    stream: Transport,
    peer: Peer,
    handler: Arc<Handler>,
    closing: watch::Receiver<bool>,
) {
    let idle_timeout = handler.settings.limits.head_timeout;
    let requests = Arc::new(Requests::default());
    let answer = service_fn(|request| {
        let (handler, requests) = (Arc::clone(&handler), Arc::clone(&requests));
        async move {
            let _open = requests.begin();
            handler.answer(request, peer, &AwaitingClient::new()).await
        }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .max_header_list_size(HEAD_BYTES_MAX)
        .max_send_buf_size(BUFFER_BYTES_MAX / 4)
        .keep_alive_interval(Some(idle_timeout))
        .keep_alive_timeout(idle_timeout);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = async { tokio::select! { () = closed(&closing) => {}, () = requests.idle_for(idle_timeout) => {} } } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection ended: {error}");
    }
}
