//! What cases run on: a server in this process, or any URL.

pub mod in_process;

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A request of a case.
#[derive(Debug, Clone)]
pub struct Request {
    /// `X-Amz-Target`.
    pub target: Option<String>,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `x-amz-crc32`, if sent.
    pub crc32: Option<u32>,
    /// `x-amzn-RequestId`, if sent.
    pub request_id: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A server cases are sent to.
pub trait Target: Sync {
    /// How it is named in a report.
    fn name(&self) -> String;

    /// Sends one request; blocks for the answer.
    fn send(&self, request: &Request) -> io::Result<Reply>;

    /// Moves the server's clock; false where that cannot be done.
    fn advance(&self, _seconds: u64) -> bool {
        false
    }

    /// How long changes of tables show as under way.
    fn delay_seconds(&self) -> u64 {
        0
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
        let mut head = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20260101T000000Z\r\nContent-Length: {}\r\n",
            self.address,
            request.body.len()
        );
        for (name, value) in [("X-Amz-Target", &request.target), ("Authorization", &request.authorization)] {
            if let Some(value) = value {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        head.push_str("\r\n");
        stream.write_all(&[head.as_bytes(), &request.body].concat())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        read_reply(&answer).ok_or_else(|| io::Error::other("the answer is no HTTP/1.1 with a Content-Length"))
    }
}

fn read_reply(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |wanted: &str| {
        let found = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim().to_owned())
    };
    Some(Reply {
        status,
        crc32: header("x-amz-crc32").and_then(|v| v.parse().ok()),
        request_id: header("x-amzn-requestid"),
        body: answer[end + 4..].to_vec(),
    })
}
