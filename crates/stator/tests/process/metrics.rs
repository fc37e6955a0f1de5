//! `/metrics`: what it shows, that it has the form Prometheus reads, and who may read it.

#[path = "metrics/parser.rs"]
mod parser;

use crate::running::{Running, stator};
use parser::Page;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const TABLE: &str = r#"{"TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}"#;

const INDEX: &str = r#"{"TableName": "orders",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "again", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}]}"#;

fn read(server: &Running, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

fn page(server: &Running) -> Page {
    let (head, body) = read(server, "");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    parser::parse(&body).unwrap_or_else(|why| panic!("{why}\n{body}"))
}

/// A page that shows this; pages are made once a second.
fn page_with(server: &Running, shows: impl Fn(&Page) -> bool) -> Page {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let page = page(server);
        if shows(&page) {
            return page;
        }
        assert!(Instant::now() < deadline, "{page:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn done(server: &Running, operation: &str, body: &str) {
    let answer = server.call(operation, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn requests_tables_jobs_and_the_process_are_shown() {
    let mut server = Running::start(&["--port", "0", "--memory"]);
    page(&server);
    done(&server, "CreateTable", TABLE);
    for pk in 0..20 {
        done(&server, "PutItem", &format!(r#"{{"TableName": "orders", "Item": {{"pk": {{"S": "{pk}"}}}}}}"#));
    }
    done(&server, "Scan", r#"{"TableName": "orders"}"#);
    server.call("GetItem", r#"{"TableName": "orders", "Key": {}}"#);
    server.call("FlyToTheMoon", "{}");
    let of_table = [("account", "000000000000"), ("region", "us-east-1"), ("table", "orders")];
    let with = |more: &[(&'static str, &'static str)]| [&of_table[..], more].concat();
    let puts = with(&[("operation", "PutItem")]);
    let first =
        page_with(&server, |page| page.value("stator_request_duration_seconds_count", &puts) == Some(20.0));
    for (name, labels, expect) in [
        ("stator_consumed_write_units_total", of_table.to_vec(), 20.0),
        ("stator_returned_items_total", with(&[("operation", "Scan")]), 20.0),
        ("stator_table_items", of_table.to_vec(), 20.0),
        ("stator_user_errors_total", of_table[..2].to_vec(), 1.0),
        ("stator_refused_requests_total", vec![("reason", "UnknownOperationException")], 1.0),
        (
            "stator_request_errors_total",
            with(&[("operation", "GetItem"), ("error", "ValidationException"), ("fault", "user")]),
            1.0,
        ),
        ("stator_store_takes_writes", vec![], 1.0),
        ("stator_tables", vec![], 1.0),
    ] {
        assert_eq!(first.value(name, &labels), Some(expect), "{name} {labels:?}\n{first:?}");
    }
    for name in ["stator_connections", "stator_store_durable_position"] {
        assert!(first.value(name, &[]).is_some_and(|value| value >= 1.0), "{name}");
    }
    #[cfg(target_os = "linux")]
    for name in
        ["process_resident_memory_bytes", "process_open_fds", "process_max_fds", "process_cpu_seconds_total"]
    {
        assert!(first.value(name, &[]).is_some_and(|value| value > 0.0), "{name}");
    }

    done(&server, "UpdateTable", INDEX);
    let index = with(&[("index", "again")]);
    let second =
        page_with(&server, |page| page.value("stator_index_build_progress_ratio", &index) == Some(1.0));
    assert_eq!(second.value("stator_table_items", &index), Some(20.0));
    second.continues(&first).unwrap();
    server.signal("-TERM");
    server.end();
}

#[test]
fn where_signatures_are_verified_a_token_is_wanted() {
    let verifying = || {
        let mut command = stator(&["--port", "0", "--memory", "--auth", "verify"]);
        command.env("STATOR_ACCESS_KEY_ID", "AKID").env("STATOR_SECRET_ACCESS_KEY", "secret");
        command
    };
    let mut without = Running::of(&mut verifying());
    assert!(read(&without, "Authorization: Bearer x\r\n").0.starts_with("http/1.1 404"));
    without.signal("-TERM");
    without.end();

    let mut server = Running::of(verifying().env("STATOR_METRICS_TOKEN", "s3cret"));
    for wrong in [
        "",
        "Authorization: Bearer s3cre\r\n",
        "Authorization: Bearer s3cres\r\n",
        "Authorization: s3cret\r\n",
    ] {
        assert!(read(&server, wrong).0.starts_with("http/1.1 401"), "{wrong}");
    }
    let (head, body) = read(&server, "Authorization: Bearer s3cret\r\n");
    assert!(head.starts_with("http/1.1 200") && parser::parse(&body).is_ok(), "{head}");
    server.signal("-TERM");
    server.end();
}
