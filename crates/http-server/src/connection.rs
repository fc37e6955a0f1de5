//! One connection: TLS where the listener has it, then HTTP/1.1 or [HTTP/2](http2) until the client, the time or the
//! server ends it. Without TLS HTTP/2 is served to clients that begin with it (prior knowledge); none is asked to
//! upgrade.

mod http2;

use crate::handler::Handler;
use crate::head_timer::HeadTimer;
use crate::request_state::AwaitingClient;
use crate::timed_stream::TimedStream;
use crate::tls::{HTTP_2, Tls};
use crate::transport::Transport;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use pipeline::Peer;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::server::TlsStream;

/// Largest head of a request, and the step in which bodies are read.
const BUFFER_BYTES_MAX: usize = 128 * 1024;

/// How long a server that stops waits for the rest of a request.
const REST_PATIENCE: Duration = Duration::from_millis(500);

/// What a connection in HTTP/2 begins with.
const HTTP_2_BEGINS: &[u8] = b"PRI * HTTP/2.0";

/// How long a handshake may take; a client whose requests have less time has less for this, too.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Serves a connection to its end.
pub(crate) async fn serve(
    stream: TcpStream,
    address: IpAddr,
    tls: Option<Tls>,
    handler: Arc<Handler>,
    closing: watch::Receiver<bool>,
) {
    let limits = &handler.settings.limits;
    let peer = Peer { address, is_secure: tls.is_some() };
    let timed = |stream| TimedStream::new(stream, limits.response_timeout, handler.responses.clone());
    let (stream, is_http2) = match tls {
        None => {
            let begun = tokio::time::timeout(limits.head_timeout, begins_http2(&stream));
            let is_http2 = tokio::select! {
                begun = begun => begun,
                () = closed(&closing) => Ok(false),
            };
            let Ok(is_http2) = is_http2 else { return };
            (Transport::Plain(timed(stream)), is_http2)
        }
        Some(tls) => {
            let timeout = limits.head_timeout.min(HANDSHAKE_MAX);
            let Some(stream) = handshake(&tls, timed(stream), timeout, &closing).await else { return };
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
            (Transport::Tls(Box::new(stream)), is_http2)
        }
    };
    if is_http2 {
        // Its future is larger than what most connections need.
        Box::pin(http2::serve(stream, peer, handler, closing)).await
    } else {
        http1(stream, peer, handler, closing).await
    }
}

/// Whether the first bytes are those of HTTP/2, which are left where they are. No method of HTTP/1.1 is `PRI`, and a
/// client sends them together.
async fn begins_http2(stream: &TcpStream) -> bool {
    let mut first = [0; HTTP_2_BEGINS.len()];
    stream.peek(&mut first).await.is_ok_and(|length| first[..length] == *HTTP_2_BEGINS)
}

/// `None` if the handshake failed. A server that stops accepts none.
async fn handshake(
    tls: &Tls,
    stream: TimedStream,
    timeout: Duration,
    closing: &watch::Receiver<bool>,
) -> Option<TlsStream<TimedStream>> {
    let handshake = Box::pin(tokio::time::timeout(timeout, tls.acceptor().accept(stream)));
    let made = tokio::select! {
        made = handshake => made,
        () = closed(closing) => return None,
    };
    match made {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::debug!("no TLS came about: {error}");
            None
        }
        Err(_) => {
            tracing::debug!("no TLS came about in {} s", timeout.as_secs());
            None
        }
    }
}

/// `closing` turning true lets the request in progress finish, and one that is
/// not yet here as a whole only if its rest comes at once.
async fn http1(stream: Transport, peer: Peer, handler: Arc<Handler>, closing: watch::Receiver<bool>) {
    let awaiting = AwaitingClient::new();
    let answer = service_fn(|request| handler.answer(request, peer, &awaiting));
    let mut builder = http1::Builder::new();
    builder
        .half_close(true) // a client that has closed its sending side still gets the answer
        .timer(HeadTimer::new())
        .header_read_timeout(handler.settings.limits.head_timeout)
        .max_buf_size(BUFFER_BYTES_MAX)
        .max_header_size(BUFFER_BYTES_MAX); // the buffer alone lets pass what one read brings as a whole
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
    let ended = tokio::select! {
        biased; // with the task's whole budget for `closed`, which is polled to wait only once
        () = closed(&closing) => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = &mut connection => ended,
                () = left_to_client(&awaiting) => return,
            }
        }
        ended = &mut connection => ended,
    };
    if let Err(error) = ended {
        tracing::debug!("connection ended: {error}");
    }
}

/// Completes when there is nothing to wait for but the client.
async fn left_to_client(awaiting: &AwaitingClient) {
    loop {
        tokio::time::sleep(REST_PATIENCE).await;
        if awaiting.is_set() {
            return;
        }
    }
}

/// Completes when the server stops, or is gone. It is polled as often as its connection, and polling what already
/// waits takes locks that connections share; so while it waits, it only looks whether there is anything new.
async fn closed(closing: &watch::Receiver<bool>) {
    let mut receiver = closing.clone();
    let mut is_closing = pin!(receiver.wait_for(|closing| *closing));
    let mut waits = false;
    poll_fn(|context| {
        if waits && closing.has_changed().is_ok_and(|changed| !changed) {
            return Poll::Pending;
        }
        waits = true;
        is_closing.as_mut().poll(context).map(drop)
    })
    .await;
}
