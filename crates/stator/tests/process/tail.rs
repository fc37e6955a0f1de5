//! `stator tail` as a child: what it shows of a real server, and how it ends.

use crate::running::{Running, command_refused, stator, text};
use serde_json::Value;
use std::io::BufRead;
use std::process::Command;

const TABLE: &str = r#"{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}"#;

fn server() -> Running {
    let server = Running::start(&["--port", "0", "--memory"]);
    assert!(server.call("CreateTable", TABLE).contains("LatestStreamArn"));
    server
}

fn put(server: &Running, id: &str) {
    let item = format!(r#"{{"TableName": "Music", "Item": {{"id": {{"S": "{id}"}}}}}}"#);
    assert!(server.call("PutItem", &item).starts_with("HTTP/1.1 200"));
}

fn tail(server: &Running, table: &str, arguments: &[&str]) -> Command {
    let mut command = stator(&["tail", table, "--endpoint", &format!("http://{}", server.address())]);
    std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).for_each(|(name, _)| {
        command.env_remove(name);
    });
    command.args(arguments);
    command
}

#[test]
fn a_change_is_shown_and_a_signal_ends_it() {
    let server = server();
    put(&server, "first");
    let mut tail = Running::of(&mut tail(&server, "Music", &["--from", "trim", "--json"]));
    let record: Value = serde_json::from_str(&tail.line).unwrap();
    assert_eq!(
        (&record["eventName"], &record["dynamodb"]["Keys"]["id"]["S"]),
        (&"INSERT".into(), &"first".into())
    );
    tail.signal("-INT");
    assert_eq!(tail.end(), (Some(0), String::new(), String::new()));
}

#[test]
fn a_server_that_is_killed_and_comes_back_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let data = ["--data-dir", text(dir.path()), "--port"];
    let mut server = Running::start(&[&data[..], &["0"]].concat());
    assert!(server.call("CreateTable", TABLE).contains("LatestStreamArn"));
    put(&server, "before");
    let mut tail = Running::of(&mut tail(&server, "Music", &["--from", "trim", "--json"]));
    assert!(tail.line.contains("before"), "{}", tail.line);
    let port = server.address().split(':').nth(1).unwrap().to_owned();
    server.signal("-KILL");
    server.end();
    let server = Running::start(&[&data[..], &[&port]].concat());
    put(&server, "after");
    tail.line.clear();
    tail.stdout.read_line(&mut tail.line).unwrap();
    assert!(tail.line.contains("after"), "{}", tail.line);
    tail.signal("-TERM");
    assert_eq!(tail.end().0, Some(0));
}

#[test]
fn a_pipe_that_nobody_reads_ends_it_without_a_change() {
    let server = server();
    put(&server, "first");
    let mut process = tail(&server, "Music", &["--from", "trim"]).spawn().unwrap();
    drop(process.stdout.take());
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn all_there_is_and_no_more() {
    let server = server();
    ["first", "second"].iter().for_each(|id| put(&server, id));
    let output =
        tail(&server, "Music", &["--from", "trim", "--no-follow", "--key", "id=second"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && text.lines().count() == 2 && text.ends_with("INSERT  id=\"second\"\n"),
        "{text}"
    );
}

#[test]
fn nothing_to_follow() {
    let server = server();
    let elsewhere = ["--region", "elsewhere"];
    command_refused(&mut tail(&server, "Music", &elsewhere), 1, "no table Music in region elsewhere");
    let (stream, view) = ("\"StreamEnabled\": true", ", \"StreamViewType\": \"NEW_AND_OLD_IMAGES\"");
    let quiet = TABLE.replace("Music", "Quiet").replace(view, "").replace(stream, "\"StreamEnabled\": false");
    assert!(server.call("CreateTable", &quiet).starts_with("HTTP/1.1 200"));
    command_refused(&mut tail(&server, "Quiet", &[]), 1, "table Quiet has no stream");
}
