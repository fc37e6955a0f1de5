//! How signals end the process, and what it waits for.

#![expect(clippy::disallowed_methods, reason = "a test of a real process takes real time")]

use crate::running::{Running, stator};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

const IN_MEMORY: [&str; 3] = ["--port", "0", "--memory"];

#[test]
fn interrupting_and_hanging_up_end_it_in_order_too() {
    for signal in ["-INT", "-HUP"] {
        let mut server = Running::of(&mut with_hangup(libc::SIG_DFL));
        assert!(server.line.ends_with(" (data: in memory, gone at exit)\n"), "{}", server.line);
        server.signal(signal);
        assert_eq!(server.end().0, Some(0), "{signal}");
    }
}

#[test]
fn hanging_up_means_nothing_where_it_is_ignored() {
    let mut server = Running::of(&mut with_hangup(libc::SIG_IGN));
    server.signal("-HUP");
    std::thread::sleep(Duration::from_millis(200));
    assert!(server.get("/health").starts_with("HTTP/1.1 200"));
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
}

/// A server that is started with this done at SIGHUP, whatever the tests were started with. nohup ignores it.
fn with_hangup(action: libc::sighandler_t) -> std::process::Command {
    let mut command = stator(&IN_MEMORY);
    // SAFETY: between fork and exec it calls what may be called there.
    unsafe {
        command.pre_exec(move || {
            libc::signal(libc::SIGHUP, action);
            Ok(())
        });
    }
    command
}

#[test]
fn half_requests_are_not_waited_for() {
    let mut server = Running::start(&IN_MEMORY);
    let mut half_head = TcpStream::connect(server.address()).unwrap();
    half_head.write_all(b"POST / HTTP/1.1\r\nHost: loc").unwrap();
    let mut half_body = begin_body(&server);
    half_body.write_all(b"{").unwrap();
    let began = Instant::now();
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// A request whose head has been read: the server has answered 100 Continue.
fn begin_body(server: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head).unwrap();
    stream.read_exact(&mut [0; 25]).unwrap();
    stream
}

#[test]
fn a_second_signal_does_not_wait() {
    let mut server = Running::start(&IN_MEMORY);
    // A response that its client does not take keeps the server from ending by itself.
    let _deaf = begin_large_response(&server);
    server.signal("-TERM");
    while TcpStream::connect(server.address()).is_ok() {
        std::thread::yield_now();
    }
    server.signal("-TERM");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(1));
    assert!(err.contains("second signal"), "{err}");
}

/// 16 MB, more than the system takes, of which the first byte is here.
fn begin_large_response(server: &Running) -> TcpStream {
    assert!(server.call("CreateTable", crate::TABLE).starts_with("HTTP/1.1 200"));
    let keys: Vec<String> = (0..42).map(|key| format!(r#"{{"pk":{{"S":"{key}"}}}}"#)).collect();
    let large = "x".repeat(400_000);
    for key in &keys {
        let item = key.replacen('{', &format!(r#"{{"large":{{"S":"{large}"}},"#), 1);
        let put = server.call("PutItem", &format!(r#"{{"TableName":"Table","Item":{item}}}"#));
        assert!(put.starts_with("HTTP/1.1 200"), "{put}");
    }
    let body = format!(r#"{{"RequestItems":{{"Table":{{"Keys":[{}]}}}}}}"#, keys.join(","));
    let mut stream = server.send("BatchGetItem", &body);
    stream.read_exact(&mut [0]).unwrap();
    stream
}
