//! As much of a client as chores need: one connection, one request after the other.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// The form DynamoDB requires. A server that does not verify signatures takes it.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                             SignedHeaders=host;x-amz-date, Signature=0";

/// The target prefixes of the two APIs.
pub(crate) const DYNAMODB: &str = "DynamoDB_20120810";
pub(crate) const STREAMS: &str = "DynamoDBStreams_20120810";

/// What a request is signed for, by the target prefix of its API.
fn signed_for(api: &str) -> String {
    let service = match api {
        "GraniteServiceVersion20100801" => "monitoring",
        _ => "dynamodb",
    };
    AUTHORIZATION.replace("/dynamodb/", &format!("/{service}/"))
}

/// A kept-alive connection to a server.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub(crate) fn open(url: &str) -> Result<Connection, String> {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).map_err(|error| format!("{url}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Connection { stream: BufReader::new(stream), host })
    }

    pub(crate) fn list_tables(&mut self) -> Result<(), String> {
        self.call("ListTables", "{}")
    }

    pub(crate) fn create_table(&mut self, name: &str) -> Result<(), String> {
        let body = format!(
            r#"{{"TableName":"{name}","KeySchema":[{{"AttributeName":"pk","KeyType":"HASH"}}],"AttributeDefinitions":[{{"AttributeName":"pk","AttributeType":"S"}}],"BillingMode":"PAY_PER_REQUEST"}}"#
        );
        self.call("CreateTable", &body)
    }

    /// One request to DynamoDB.
    pub(crate) fn call(&mut self, operation: &str, body: &str) -> Result<(), String> {
        self.send(DYNAMODB, operation, body).map(drop)
    }

    /// One request and its answer.
    pub(crate) fn ask(&mut self, api: &str, operation: &str, body: &Value) -> Result<Value, String> {
        let answer = self.send(api, operation, &body.to_string())?;
        serde_json::from_slice(&answer).map_err(|error| format!("{operation}: {error}"))
    }

    fn send(&mut self, api: &str, operation: &str, body: &str) -> Result<Vec<u8>, String> {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nX-Amz-Target: {api}.{operation}\r\nContent-Type: \
             application/x-amz-json-1.0\r\nX-Amz-Date: 20260101T000000Z\r\nAuthorization: {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.host,
            signed_for(api),
            body.len()
        );
        self.exchange(request.as_bytes()).map_err(|error| format!("{operation}: {error}"))
    }

    /// One request in a form, as IAM takes it.
    pub(crate) fn form(&mut self, service: &str, body: &str) -> Result<String, String> {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Amz-Date: \
             20260101T000000Z\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            AUTHORIZATION.replace("/dynamodb/", &format!("/{service}/")),
            body.len()
        );
        self.exchange(request.as_bytes()).map(|answer| String::from_utf8_lossy(&answer).into_owned())
    }

    /// One request by its path, as S3 takes it.
    pub(crate) fn get(&mut self, service: &str, path: &str) -> Result<String, String> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nX-Amz-Date: 20260101T000000Z\r\nAuthorization: {}\r\n\r\n",
            self.host,
            AUTHORIZATION.replace("/dynamodb/", &format!("/{service}/")),
        );
        self.exchange(request.as_bytes()).map(|answer| String::from_utf8_lossy(&answer).into_owned())
    }

    /// A request as it goes over the wire, and the body of its answer. Anything but success is an error with the body.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        self.stream.get_mut().write_all(request).map_err(|error| error.to_string())?;
        self.answer()
    }

    /// Reads one answer to its end.
    fn answer(&mut self) -> Result<Vec<u8>, String> {
        let status = self.line()?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(|_| format!("strange header: {line}"))?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(|error| error.to_string())?;
        if status.contains(" 20") {
            Ok(body)
        } else {
            Err(format!("{status} {}", String::from_utf8_lossy(&body)))
        }
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => Err("the server closed the connection".into()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
