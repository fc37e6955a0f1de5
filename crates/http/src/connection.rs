//! One connection: HTTP/1.1 until the client, the time or the server ends it.

use crate::front::Front;
use crate::timed_stream::TimedStream;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Largest head of a request, and the step in which bodies are read.
const BUFFER_BYTES_MAX: usize = 128 * 1024;

/// Serves a connection to its end. `closing` turning true lets the request in progress finish.
pub(crate) async fn serve(stream: TcpStream, front: Arc<Front>, mut closing: watch::Receiver<bool>) {
    let answer = service_fn(|request| {
        let front = &front;
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    });
    let stream = TimedStream::new(stream, front.settings.limits.response_timeout, front.unsent.clone());
    let mut builder = http1::Builder::new();
    builder
        .half_close(true) // a client that has said everything still hears the answer
        .timer(TokioTimer::new())
        .header_read_timeout(front.settings.limits.head_timeout)
        .max_buf_size(BUFFER_BYTES_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = closed(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection ended: {error}");
    }
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    _ = closing.wait_for(|closing| *closing).await; // a server that is gone closes too
}
