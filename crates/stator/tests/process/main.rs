//! The process from outside: exit codes, sentences, the ready line, signals.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and waits for real"
)]

#[cfg(unix)]
mod cloudwatch;
mod database;
#[cfg(unix)]
mod encryption;
mod expiry;
mod metrics;
mod migrate;
#[cfg(unix)]
mod peers;
#[cfg(unix)]
mod production;
#[cfg(unix)]
mod root_key;
mod running;
#[cfg(unix)]
mod scarcity;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod tail;

use running::{Running, refused, stator, text};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;

#[test]
fn ready_serving_and_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let (data, ready) = (dir.path().join("data"), dir.path().join("ready.json"));
    let arguments = ["--port", "0", "--data-dir", text(&data), "--ready-file", text(&ready)];
    let mut server = Running::start(&arguments);
    let address = server.address().to_owned();
    let version = env!("CARGO_PKG_VERSION");
    let line =
        format!("stator {version} ready on http://{address} (data: {}, durability: disk)\n", text(&data));
    assert_eq!(server.line, line);

    let file: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
    assert_eq!(file["url"], format!("http://{address}"));
    assert_eq!(file["port"].to_string(), address.split(':').nth(1).unwrap());
    assert_eq!(file["pid"], server.process.id());

    assert!(server.get("/health").starts_with("HTTP/1.1 200"));
    assert!(server.get("/ready").starts_with("HTTP/1.1 200"));
    assert!(server.get("/").contains("#MissingAuthenticationTokenException"));

    server.signal("-TERM");
    let (code, out, err) = server.end();
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    assert!(!ready.exists());
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    refused(&["--port", &port, "--data-dir", text(&data)], 3, "choose another port with --port");
    assert!(!data.exists(), "a failed start leaves nothing behind");
}

#[test]
fn a_directory_that_cannot_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    refused(&["--port", "0", "--data-dir", text(&file)], 4, "choose another one");
    refused(&["--port", "0", "--data-dir", text(&file.join("below"))], 4, "choose another one");

    let data = dir.path().join("data");
    let mut server = Running::start(&["--port", "0", "--data-dir", text(&data)]);
    refused(&["--port", "0", "--data-dir", text(&data)], 4, "in use by another process");
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
    let again = Running::start(&["--port", "0", "--data-dir", text(&data)]);
    assert!(again.get("/ready").starts_with("HTTP/1.1 200"));
}

const TABLE: &str = r#"{"TableName":"Table","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}"#;

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let arguments = ["--port", "0", "--data-dir", text(&data)];
    let mut server = Running::start(&arguments);
    assert!(server.call("CreateTable", TABLE).starts_with("HTTP/1.1 200"));
    let put = r#"{"TableName":"Table","Item":{"pk":{"S":"a"}}}"#;
    assert!(server.call("PutItem", put).starts_with("HTTP/1.1 200"));
    server.signal("-KILL");
    assert_eq!(server.end().0, None);
    let mut server = Running::start(&arguments);
    let found = server.call("Scan", r#"{"TableName":"Table"}"#);
    assert!(found.contains(r#""Items":[{"pk":{"S":"a"}}]"#), "{found}");
    assert!(server.call("DeleteTable", r#"{"TableName":"Table"}"#).starts_with("HTTP/1.1 200"));
    // The job that drops the rows is resumed, wherever it was.
    server.signal("-KILL");
    assert_eq!(server.end().0, None);
    let server = Running::start(&arguments);
    let tables = server.call("ListTables", "{}");
    assert!(tables.contains(r#"{"TableNames":[]}"#), "{tables}");
}

#[test]
fn data_of_a_newer_version() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut server = Running::start(&["--port", "0", "--data-dir", text(&data)]);
    assert!(server.call("CreateTable", TABLE).starts_with("HTTP/1.1 200"));
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
    let mut head = std::fs::read(data.join("HEAD")).unwrap();
    for slot in head.chunks_mut(4096) {
        slot[8] += 1; // the version; what is checked are 104 bytes
        let checksum = crc32fast::hash(&slot[..104]);
        slot[104..108].copy_from_slice(&checksum.to_le_bytes());
    }
    std::fs::write(data.join("HEAD"), head).unwrap();
    refused(&["--port", "0", "--data-dir", text(&data)], 5, "start the newer version");
}

#[test]
fn an_address_that_is_not_here() {
    refused(&["--host", "192.0.2.1", "--port", "0", "--memory", "--insecure"], 1, "choose another address");
}

#[test]
fn what_makes_no_sense() {
    for (arguments, expect) in [
        (&["--prot", "1"][..], "unexpected argument '--prot'"),
        (&["serve"], "unrecognized subcommand 'serve'"),
        (&["--memory", "--data-dir", "x"], "give one of them"),
        (&["-inMemory", "-dbPath", "x"], "give one of them"),
        (&["--memory", "--host", "0.0.0.0"], "say --insecure"),
        (&["--memory", "--auth", "verify"], "STATOR_SECRET_ACCESS_KEY"),
        (&["--memory", "--log", "a=b=c"], "is no log filter"),
        (&["--config", "/nowhere/stator.toml"], "cannot read the configuration"),
    ] {
        refused(arguments, 2, expect);
    }
}

#[test]
fn help_and_version() {
    for (flag, expect) in [
        ("--help", "Examples:"),
        ("-help", "Examples:"),
        ("--version", "stator 0."),
        ("-version", "stator 0."),
    ] {
        let output = stator(&[flag]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{flag}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(expect), "{flag}");
    }
}

#[test]
fn the_line_dynamodb_local_is_started_with() {
    let line = "-Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -sharedDb -inMemory -port 0";
    let arguments: Vec<&str> = line.split(' ').collect();
    let mut server = Running::start(&arguments);
    assert_eq!(server.line, "Initializing DynamoDB Local with the following configuration:\n");
    while !server.line.contains(" ready on ") {
        server.line.clear();
        server.stdout.read_line(&mut server.line).unwrap();
    }
    assert!(server.get("/health").starts_with("HTTP/1.1 200"));
}

#[test]
fn settings_come_from_the_environment_and_a_flag_wins() {
    let output = stator(&[]).env("STATOR_PORT", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let mut process =
        stator(&["--port", "0"]).env("STATOR_PORT", "1").env("STATOR_MEMORY", "1").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(line.contains("in memory"), "{line}");
}

#[test]
fn a_production_server_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("stator.toml");
    std::fs::write(
        &config,
        "[http]\nport = 0\ntls = \"off\"\n[data]\nmemory = true\n[[auth.keys]]\nid = \"AKID\"\nsecret = \"s\"\n",
    )
    .unwrap();
    let server = Running::start(&["--config", text(&config)]);
    assert!(server.get("/").ends_with("\r\n\r\nhealthy\n"), "no region is configured");
    std::fs::write(&config, "[http]\nprot = 0\n").unwrap();
    refused(&["--config", text(&config)], 2, "line 2: unknown field `prot`");
}
