//! The Lambda Runtime API, version 2018-06-01: what a process asks for its events and gives its answers to. A listener
//! on loopback for all processes. Each has a secret token, which is the first segment of the paths that it asks for
//! (`AWS_LAMBDA_RUNTIME_API=127.0.0.1:‹port›/‹token›`): no process, and no other program of the machine, can ask for
//! the events of another or answer them.

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use stdx::Random;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The largest answer of a function.
pub(super) const PAYLOAD_BYTES_MAX: usize = 6_291_556;
/// Open connections of one listener.
const CONNECTIONS_MAX: usize = 1_024;
/// Messages of a process that nobody has looked at: it sends one for each event.
const MESSAGES_MAX: usize = 4;
const VERSION: &str = "/2018-06-01/runtime/";

/// What a process has to do.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) request_id: String,
    pub(super) deadline_millis: u64,
    pub(super) function_arn: String,
    pub(super) client_context: Option<String>,
    pub(super) payload: Bytes,
}

/// What a process says.
#[derive(Debug)]
pub(super) enum Message {
    /// It asks for an event: it has begun.
    Ready,
    /// It could not begin.
    InitError(Bytes),
    /// The answer to an event.
    Answer { request_id: String, body: Bytes },
    /// The answer to an event is larger than one may be.
    TooLarge { request_id: String },
    /// The function failed.
    Error { request_id: String, body: Bytes },
}

/// The server's side of one process. While it lives the process may ask.
#[derive(Debug)]
pub(super) struct Line {
    /// `host:port/token`, for the process's environment.
    pub(super) address: String,
    pub(super) messages: mpsc::Receiver<Message>,
    pub(super) events: mpsc::Sender<Event>,
    token: String,
    lines: Arc<Lines>,
}

#[derive(Debug)]
struct FarEnd {
    messages: mpsc::Sender<Message>,
    events: tokio::sync::Mutex<mpsc::Receiver<Event>>,
}

#[derive(Debug, Default)]
struct Lines(Mutex<HashMap<String, Arc<FarEnd>>>);

/// The listener.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    address: SocketAddr,
    lines: Arc<Lines>,
    accepting: tokio::task::JoinHandle<()>,
}

impl RuntimeApi {
    /// Listens on a free port of loopback.
    pub(super) async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, lines) = (listener.local_addr()?, Arc::new(Lines::default()));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&lines)));
        Ok(RuntimeApi { address, lines, accepting })
    }

    /// Makes a line for a process.
    pub(super) fn connect(&self) -> Line {
        let token = stdx::hex::encode(&Random::secret());
        let (to_server, messages) = mpsc::channel(MESSAGES_MAX);
        let (events, to_process) = mpsc::channel(1);
        let far = FarEnd { messages: to_server, events: tokio::sync::Mutex::new(to_process) };
        self.lines.0.lock().insert(token.clone(), Arc::new(far));
        let address = format!("{}/{token}", self.address);
        Line { address, messages, events, token, lines: Arc::clone(&self.lines) }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.lines.0.lock().remove(&self.token);
    }
}

async fn accept(listener: TcpListener, lines: Arc<Lines>) {
    let places = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let lines = Arc::clone(&lines);
                tokio::spawn(async move {
                    serve(stream, lines).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// One connection. A process that has ended has closed it.
async fn serve(stream: TcpStream, lines: Arc<Lines>) {
    _ = stream.set_nodelay(true);
    let answer = service_fn(|request| {
        let lines = Arc::clone(&lines);
        async move { Ok::<_, Infallible>(answer(&lines, request).await) }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    _ = connection.await;
}

type Reply = Response<Full<Bytes>>;

async fn answer(lines: &Lines, request: Request<Incoming>) -> Reply {
    let path = request.uri().path().to_owned();
    let known = path.strip_prefix('/').and_then(|path| {
        let (token, _) = path.split_once('/')?;
        let far = lines.0.lock().get(token).map(Arc::clone)?;
        Some((far, path[token.len()..].strip_prefix(VERSION)?.to_owned()))
    });
    let Some((far, asked)) = known else { return refused(StatusCode::FORBIDDEN, "unknown path or token") };
    let parts: Vec<&str> = asked.split('/').collect();
    match (request.method(), &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => next(&far).await,
        (&Method::POST, ["init", "error"]) => match body(request).await {
            Some(body) => told(&far, Message::InitError(body)),
            None => refused(StatusCode::PAYLOAD_TOO_LARGE, "the error is too large"),
        },
        (&Method::POST, ["invocation", request_id, "response"]) => {
            let request_id = (*request_id).to_owned();
            match body(request).await {
                Some(body) => told(&far, Message::Answer { request_id, body }),
                None => {
                    _ = told(&far, Message::TooLarge { request_id });
                    refused(StatusCode::PAYLOAD_TOO_LARGE, "the response is too large")
                }
            }
        }
        (&Method::POST, ["invocation", request_id, "error"]) => {
            let request_id = (*request_id).to_owned();
            match body(request).await {
                Some(body) => told(&far, Message::Error { request_id, body }),
                None => refused(StatusCode::PAYLOAD_TOO_LARGE, "the error is too large"),
            }
        }
        _ => refused(StatusCode::NOT_FOUND, "unknown path"),
    }
}

/// Waits for an event.
async fn next(far: &FarEnd) -> Reply {
    // Full only where a process asks again and again, which says nothing new.
    _ = far.messages.try_send(Message::Ready);
    let Some(event) = far.events.lock().await.recv().await else {
        return refused(StatusCode::FORBIDDEN, "the process is no longer needed");
    };
    let mut reply = Response::new(Full::new(event.payload));
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let trace = format!(
        "Root=1-{:08x}-{:.24};Sampled=0",
        event.deadline_millis / 1_000,
        event.request_id.replace('-', "")
    );
    for (name, value) in [
        ("lambda-runtime-aws-request-id", Some(event.request_id)),
        ("lambda-runtime-deadline-ms", Some(event.deadline_millis.to_string())),
        ("lambda-runtime-invoked-function-arn", Some(event.function_arn)),
        ("lambda-runtime-trace-id", Some(trace)),
        ("lambda-runtime-client-context", event.client_context),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    reply
}

fn told(far: &FarEnd, message: Message) -> Reply {
    match far.messages.try_send(message) {
        Ok(()) => json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned()),
        Err(_) => refused(StatusCode::BAD_REQUEST, "nobody waits for it"),
    }
}

/// The body, unless it is too large.
async fn body(request: Request<Incoming>) -> Option<Bytes> {
    let mut incoming = request.into_body();
    let mut bytes = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if bytes.len() + data.len() > PAYLOAD_BYTES_MAX {
            return None;
        }
        bytes.extend_from_slice(&data);
    }
    Some(bytes.freeze())
}

fn refused(status: StatusCode, why: &str) -> Reply {
    json(status, format!(r#"{{"errorType":"{}","errorMessage":"{why}"}}"#, status.as_str()))
}

fn json(status: StatusCode, text: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}
