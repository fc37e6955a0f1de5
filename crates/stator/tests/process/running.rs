//! The program as a child of the tests, and their requests to it.

#![expect(clippy::disallowed_methods, reason = "a test of a real process takes real time")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

pub fn stator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stator"));
    for name in ["STATOR_ACCESS_KEY_ID", "STATOR_SECRET_ACCESS_KEY", "STATOR_METRICS_TOKEN", "STATOR_LOG"] {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server that is ready.
pub struct Running {
    pub process: Child,
    pub line: String,
    pub stdout: BufReader<ChildStdout>,
}

impl Running {
    pub fn start(arguments: &[&str]) -> Running {
        Self::of(&mut stator(arguments))
    }

    /// A command that is a server.
    pub fn of(command: &mut Command) -> Running {
        let mut process = command.spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Running { process, line, stdout }
    }

    pub fn address(&self) -> &str {
        self.line.split("http://").nth(1).unwrap().split(' ').next().unwrap()
    }

    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn call(&self, operation: &str, body: &str) -> String {
        let mut answer = String::new();
        self.send(operation, body).read_to_string(&mut answer).unwrap();
        answer
    }

    /// A call of another service.
    pub fn call_service(&self, prefix: &str, service: &str, operation: &str, body: &str) -> String {
        let mut answer = String::new();
        self.send_to(prefix, service, operation, body).read_to_string(&mut answer).unwrap();
        answer
    }

    /// A request of S3: the answer's head and body.
    pub fn s3(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Date: \
             20260101T000000Z\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n{headers}Authorization: AWS4-HMAC-SHA256 \
             Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, \
             Signature=0\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|seen| seen == b"\r\n\r\n").unwrap() + 4;
        let body = answer.split_off(end);
        (String::from_utf8(answer).unwrap(), body)
    }

    /// A call whose answer is not read yet.
    pub fn send(&self, operation: &str, body: &str) -> TcpStream {
        self.send_to("DynamoDB_20120810", "dynamodb", operation, body)
    }

    fn send_to(&self, prefix: &str, service: &str, operation: &str, body: &str) -> TcpStream {
        begin_call(self.address(), prefix, service, operation, body).unwrap()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// The exit code, and everything else it has said.
    pub fn end(&mut self) -> (Option<i32>, String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).unwrap();
        if let Some(mut stderr) = self.process.stderr.take() {
            stderr.read_to_string(&mut err).unwrap();
        }
        (self.process.wait().unwrap().code(), out, err)
    }
}

fn begin_call(
    address: &str,
    prefix: &str,
    service: &str,
    operation: &str,
    body: &str,
) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: \
         {prefix}.{operation}\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Date: \
         20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=local/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, \
         Signature=0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    Ok(stream)
}

/// A call of DynamoDB to a server that may be gone.
pub fn try_call(address: &str, operation: &str, body: &str) -> std::io::Result<String> {
    let mut answer = String::new();
    begin_call(address, "DynamoDB_20120810", "dynamodb", operation, body)?.read_to_string(&mut answer)?;
    Ok(answer)
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Runs to its end: nothing on stdout, one sentence on stderr that contains `expect`.
pub fn refused(arguments: &[&str], code: i32, expect: &str) {
    command_refused(&mut stator(arguments), code, expect);
}

/// The same of a command that is more than its arguments.
pub fn command_refused(command: &mut Command, code: i32, expect: &str) {
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while process.try_wait().unwrap().is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    _ = process.kill(); // one that was not refused serves on, and would be waited for without end
    let output = process.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {err}");
    assert!(err.contains(expect), "{command:?}: {err}");
    assert!(output.stdout.is_empty(), "{command:?}");
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
