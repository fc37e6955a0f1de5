//! A listener with one operation behind it, and a client that writes given bytes.

use bytes::Bytes;
use http_server::{Connections, Cors, HealthPages, HostRule, Limits, Pages, Persona, Server, Settings, Tls};
use identity::{Authenticator, Strictness};
use model::{ApiError, Shape};
use pipeline::{Access, Cx, Entry, Kind, Operation, Pipeline, Service, Validation, entry};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use stdx::{Random, SystemClock};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use wire::json::{ObjectWriter, Reader, Structure};
use wire::{DecodeError, Encode};

/// Answers `Text` repeated `Times` times, after `Millis`.
struct Repeat;

#[derive(Default)]
pub struct Input {
    text: Option<String>,
    times: Option<i64>,
    millis: Option<i64>,
}

pub struct Output(String);

impl Structure for Input {
    const CLASS: &'static str = "RepeatInput";

    fn member(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
        match name {
            "Text" => self.text = reader.optional()?,
            "Times" => self.times = reader.optional()?,
            "Millis" => self.millis = reader.optional()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Encode for Output {
    fn encode(&self, out: &mut Vec<u8>) {
        ObjectWriter::begin(out).member("Text", &Some(self.0.clone())).end();
    }
}

impl Shape for Repeat {
    const NAME: &'static str = "Repeat";
    type Input = Input;
    type Output = Output;
}

struct Tests;

impl Service for Tests {
    const TARGET_PREFIX: &'static str = "Tests";
    const SIGNING_NAME: &'static str = "dynamodb";
}

/// Takes larger bodies than others.
struct Large;

impl Service for Large {
    const TARGET_PREFIX: &'static str = "Large";
    const SIGNING_NAME: &'static str = "dynamodb";
    const BODY_BYTES_MAX: Option<usize> = Some(LARGE_BODY_BYTES);
}

/// The time that requests in progress have when a server stops.
const DRAIN: Duration = Duration::from_secs(2);

/// The largest body of one of the services.
pub const LARGE_BODY_BYTES: usize = 256 * 1024;

impl<S: Service> Operation<S> for Repeat {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<Input> = Validation::Own;
    type Plan = Input;

    fn check(input: Input) -> Result<Input, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, S>, _: &Input) -> Access<'static> {
        Access::default()
    }

    async fn run(_: &Cx<'_, S>, input: Input) -> Result<Output, ApiError> {
        tokio::time::sleep(Duration::from_millis(input.millis.unwrap_or(0) as u64)).await;
        Ok(Output(input.text.unwrap_or_default().repeat(input.times.unwrap_or(1) as usize)))
    }
}

static OPS: &[Entry<Tests>] = &[entry::<_, Repeat>()];
static LARGE_OPS: &[Entry<Large>] = &[entry::<_, Repeat>()];

pub fn settings() -> Settings {
    Settings {
        limits: Limits { body_bytes: 64 * 1024, ..Limits::default() },
        cors: Cors::Any,
        host_rule: HostRule::of(IpAddr::V4(Ipv4Addr::LOCALHOST), Vec::new()),
        connections: Connections::default(),
    }
}

/// A running listener.
pub struct World {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    runtime: Runtime,
    serving: Option<tokio::task::JoinHandle<http_server::Drained>>,
}

impl World {
    pub fn start(settings: Settings) -> World {
        Self::start_with(settings, HealthPages::new(Persona::Local, || Ok(())))
    }

    pub fn start_with(settings: Settings, pages: impl Pages) -> World {
        Self::serve(settings, pages, None, DRAIN)
    }

    pub fn start_with_tls(settings: Settings, tls: Tls) -> World {
        Self::serve(settings, HealthPages::new(Persona::Local, || Ok(())), Some(tls), DRAIN)
    }

    /// One that gives requests in progress as much time as they want when it stops.
    pub fn start_that_drains(settings: Settings) -> World {
        Self::serve(settings, HealthPages::new(Persona::Local, || Ok(())), None, Duration::from_secs(60))
    }

    fn serve(settings: Settings, pages: impl Pages, tls: Option<Tls>, drain: Duration) -> World {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let clock = Arc::new(SystemClock);
        let pipeline = Pipeline::new(Authenticator::new(Strictness::Off), clock, Random::from_seed(1));
        let pipeline =
            Arc::new(pipeline.with_service(Arc::new(Tests), OPS).with_service(Arc::new(Large), LARGE_OPS));
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = runtime.block_on(Server::bind(any_port)).unwrap();
        let address = server.local_address().unwrap();
        let server = match tls {
            Some(tls) => server.with_tls(tls),
            None => server,
        };
        let (stop, stopped) = oneshot::channel();
        let serving = runtime.spawn(async move {
            let stopped = Box::pin(async { _ = stopped.await });
            server.serve(settings, pipeline, Arc::new(pages), stopped, drain).await
        });
        World { address, stop: Some(stop), runtime, serving: Some(serving) }
    }

    pub fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Client { socket: stream.try_clone().unwrap(), stream: Box::new(stream), unread: Vec::new() }
    }

    /// A connection whose bytes go through something of the caller's.
    pub fn connect_through<S: Stream + 'static>(&self, wrap: impl FnOnce(TcpStream) -> S) -> Client {
        let client = self.connect();
        Client { stream: Box::new(wrap(client.socket.try_clone().unwrap())), ..client }
    }

    /// Begins to stop it; [`World::stopped`] waits for the end.
    pub fn stop(&mut self) {
        _ = self.stop.take().unwrap().send(());
    }

    pub fn stopped(&mut self) -> http_server::Drained {
        self.runtime.block_on(self.serving.take().unwrap()).unwrap()
    }
}

/// What a client's bytes go through.
pub trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// One connection.
pub struct Client {
    socket: TcpStream,
    stream: Box<dyn Stream>,
    unread: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Client {
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// A POST to the one operation with these further headers.
    pub fn post(&mut self, headers: &str, body: impl Into<Bytes>) -> Reply {
        let body = body.into();
        self.write(head(headers, body.len()));
        self.write(&body);
        self.read()
    }

    pub fn get(&mut self, path: &str, headers: &str) -> Reply {
        self.write(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n"));
        self.read()
    }

    /// Reads one response.
    pub fn read(&mut self) -> Reply {
        let end = loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(self.fill(), "closed before a response: {:?}", String::from_utf8_lossy(&self.unread));
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap().to_lowercase();
        let status = head[9..12].parse().unwrap();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        while status != 100 && self.unread.len() < length {
            assert!(self.fill(), "closed within a body");
        }
        let body = if status == 100 { Vec::new() } else { self.unread.drain(..length).collect() };
        Reply { status, head, body }
    }

    /// Reads the head of a response to HEAD: its length is of a body that does not come.
    pub fn read_head(&mut self) -> u16 {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap()[9..12].parse().unwrap();
            }
            assert!(self.fill(), "closed before a response");
        }
    }

    /// Writes to a server that may stop reading.
    pub fn write_lossy(&mut self, bytes: impl AsRef<[u8]>) {
        _ = self.stream.write_all(bytes.as_ref());
    }

    /// Whether another byte comes.
    pub fn has_more(&mut self) -> bool {
        self.fill()
    }

    /// Whether the server closes without another byte.
    pub fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && !self.fill()
    }

    /// Whether nothing has come until now.
    pub fn is_silent(&self) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        let come = self.socket.peek(&mut [0]);
        self.socket.set_nonblocking(false).unwrap();
        self.unread.is_empty() && come.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Closes its half of the connection.
    pub fn say_no_more(&mut self) {
        self.socket.shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// Whether the connection ends before the response it carries.
    pub fn is_cut_off(&mut self) -> bool {
        while self.fill() {}
        let end = self.unread.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(self.unread[..end].to_vec()).unwrap().to_lowercase();
        let length: usize = header(&head, "content-length").unwrap().parse().unwrap();
        self.unread.len() < end + 4 + length
    }

    fn fill(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => false,
            Ok(read) => {
                self.unread.extend_from_slice(&piece[..read]);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

pub fn head(headers: &str, length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Tests.Repeat\r\nContent-Type: \
         application/x-amz-json-1.0\r\nContent-Length: {length}\r\n{headers}\r\n"
    )
}
