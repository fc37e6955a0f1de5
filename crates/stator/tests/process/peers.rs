//! Servers that host different regions: what each refuses of the other, and where that is told.

use super::running::{Running, refused, stator, text};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

const KEY: &str = "one key that both sides have, of 32 bytes or more";
const TABLE: &str = r#"{"TableName": "world", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}"#;
const CREATE: &str = r#"{"TableName": "world", "ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]}"#;

/// A port below those that the system gives to whoever connects: nobody takes one while no server has it.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + (std::process::id() as u16 % 97).wrapping_mul(101).wrapping_add(step) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A server at a port that hosts a region, with a peer at another port that hosts another one.
fn server(folder: &Path, (port, hosted): (u16, &str), (peer, regions): (u16, &str), key: &str) -> Running {
    let config = folder.join(format!("{port}.toml"));
    let text_of = format!(
        "mode = \"local\"\n[data]\nmemory = true\n[http]\nport = {port}\n[global_tables]\nregions = [\"{hosted}\"]\n\
         [[global_tables.peers]]\nname = \"other\"\nurl = \"http://127.0.0.1:{peer}\"\nregions = [\"{regions}\"]\n\
         key = \"{key}\"\n"
    );
    std::fs::write(&config, text_of).unwrap();
    Running::of(&mut stator(&["--config", text(&config)]))
}

/// What a server in us-east-1 says when a replica is to be at a peer that is like this.
fn said(other: impl FnOnce(&Path, u16, u16) -> Option<Running>) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (port(), port());
    let other = other(folder.path(), here, there);
    let mut server = server(folder.path(), (here, "us-east-1"), (there, "eu-west-1"), KEY);
    assert!(server.call("CreateTable", TABLE).starts_with("HTTP/1.1 200"));
    let answer = server.call("UpdateTable", CREATE);
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("ValidationException"), "{answer}");
    server.signal("-TERM");
    let (_, _, log) = server.end();
    drop(other);
    (answer, log)
}

#[test]
fn a_peer_that_is_not_what_it_should_be_is_refused_and_named() {
    let reasons: [(&str, (&str, &str, &str)); 4] = [
        (
            "it holds another key than this server has",
            ("eu-west-1", "us-east-1", "another key, which is as long as the first"),
        ),
        ("hosts eu-west-2 instead of eu-west-1", ("eu-west-2", "us-east-1", KEY)),
        ("it claims us-east-1, which this server hosts", ("us-east-1", "us-west-2", KEY)),
        (
            "it hosts us-east-1, and this server knows no peer that hosts just that",
            ("eu-west-1", "us-west-2", KEY),
        ),
    ];
    for (reason, (hosted, regions, key)) in reasons {
        let (answer, log) =
            said(|folder, here, there| Some(server(folder, (there, hosted), (here, regions), key)));
        assert!(answer.contains("Failed to access the region: \u{2018}eu-west-1\u{2019}"), "{answer}");
        assert!(answer.contains(reason), "{reason}: {answer}");
        assert!(log.contains("the peer \"other\" at") && log.contains(reason), "{reason}: {log}");
    }
    let (answer, log) = said(|_, _, _| None);
    assert!(answer.contains("cannot be reached") && log.contains("cannot be reached"), "{answer} {log}");
}

#[test]
fn a_peer_of_another_version_is_named_with_the_side_to_upgrade() {
    let sentence = "the calling server speaks version 3 of the protocol between peers and the called one version 4; \
                    upgrade the calling one";
    let (answer, log) = said(|_, _, there| {
        let newer = TcpListener::bind(("127.0.0.1", there)).unwrap();
        // Until the test ends: each connection is answered as a server of the next version does.
        std::thread::spawn(move || newer.incoming().flatten().for_each(|stream| refuse(stream, sentence)));
        None
    });
    assert!(answer.contains(&format!("does not accept this server as its peer: {sentence}")), "{answer}");
    assert!(log.contains("the peer \"other\" at") && log.contains(sentence), "{log}");
}

fn refuse(mut stream: TcpStream, sentence: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.extend_from_slice(&byte);
    }
    let body = format!("OtherVersion\n{sentence}");
    let answer = format!(
        "HTTP/1.1 426 Upgrade Required\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    _ = stream.write_all(answer.as_bytes());
}

fn post(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /_stator/peers/hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n{head}\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn strangers_and_other_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let here = server(folder.path(), (port(), "us-east-1"), (port(), "eu-west-1"), KEY);
    let address = here.address();
    assert!(post(address, "").contains("NoCall"));
    for (version, older) in [(3, "calling"), (5, "called")] {
        let answer = post(address, &format!("x-stator-peer-version: {version}\r\n"));
        let sentence = format!(
            "the calling server speaks version {version} of the protocol between peers and the called one version 4; \
             upgrade the {older} one"
        );
        assert!(answer.starts_with("HTTP/1.1 426") && answer.ends_with(&sentence), "{answer}");
    }
    let unsigned = "x-stator-peer-version: 4\r\nx-stator-peer-regions: eu-west-1\r\nx-stator-peer-time: 5\r\n\
                    x-stator-peer-nonce: 00\r\nx-stator-peer-signature: 00\r\n";
    let answer = post(address, unsigned);
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("OtherKey"), "{answer}");
    let alone = Running::start(&["--port", "0", "--memory"]);
    assert!(!post(alone.address(), unsigned).contains("OtherKey"), "without peers there is no such path");
}

#[test]
fn a_configuration_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("stator.toml");
    let peer =
        "[[global_tables.peers]]\nname = \"a\"\nurl = \"http://localhost:1\"\nregions = [\"eu-west-1\"]\n";
    for (settings, expect) in [
        ("[global_tables]\nregions = [\"us-east-1\"]\n".to_owned(), "no peers"),
        (peer.to_owned(), "without a key"),
        (format!("{peer}key = \"{KEY}\"\n"), "must name the regions it hosts"),
    ] {
        std::fs::write(&config, format!("mode = \"local\"\n{settings}")).unwrap();
        refused(&["config", "check", text(&config)], 2, expect);
    }
    std::fs::write(
        &config,
        format!("mode = \"local\"\n[global_tables]\nregions = [\"us-east-1\"]\n{peer}key = \"{KEY}\"\n"),
    )
    .unwrap();
    let printed = stator(&["config", "print", text(&config)]).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("[[global_tables.peers]]") && !printed.contains(KEY), "{printed}");
}
