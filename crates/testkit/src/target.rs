//! What cases run on: a server in this process, or any URL.

pub mod in_process;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use stdx::{Clock, SystemClock};

/// A request of a case. A target adds `Host`, `X-Amz-Date` and the length.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST` and others.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A call in JSON 1.0 to this target.
    pub fn json(target: &str, authorization: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", target),
            ("Authorization", authorization),
        ];
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: body.into(),
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// The day that the credentials of cases are of.
pub(crate) const DATE: &str = "20260101T000000Z";

/// A server cases are sent to.
pub trait Target: Sync {
    /// How it is named in a report.
    fn name(&self) -> String;

    /// Sends one request; blocks for the answer.
    fn send(&self, request: &Request) -> io::Result<Reply>;

    /// The seconds since the Unix epoch by the server's clock.
    fn now_seconds(&self) -> u64 {
        SystemClock.now_micros() / 1_000_000
    }

    /// Moves the server's clock; false where that cannot be done.
    fn advance(&self, _seconds: u64) -> bool {
        false
    }

    /// How long changes of tables show as under way.
    fn delay_seconds(&self) -> u64 {
        0
    }

    /// Whether requests above the limits of tables are refused.
    fn enforces_capacity(&self) -> bool {
        false
    }

    /// Closes and reopens the server on its data; false where that cannot be done.
    fn restart(&self) -> bool {
        false
    }
}

/// A server behind `host:port`, spoken to over plain HTTP/1.1, one connection a request.
#[derive(Debug)]
pub struct HttpTarget {
    /// `host:port`.
    pub address: String,
}

impl HttpTarget {
    /// From `http://host:port` or `host:port`.
    pub fn new(endpoint: &str) -> Self {
        let address = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        HttpTarget { address }
    }
}

impl Target for HttpTarget {
    fn name(&self) -> String {
        format!("http://{}", self.address)
    }

    fn send(&self, request: &Request) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        let Request { method, path, headers, body } = request;
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        if request.header("x-amz-date").is_none() {
            head.push_str(&format!("X-Amz-Date: {DATE}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(&[head.as_bytes(), body].concat())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        read_reply(&answer).ok_or_else(|| io::Error::other("the answer is no HTTP/1.1 with a Content-Length"))
    }
}

fn read_reply(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Some(Reply { status, headers, body: answer[end + 4..].to_vec() })
}
