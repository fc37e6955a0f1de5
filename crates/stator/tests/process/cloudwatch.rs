//! CloudWatch as a process has it: what a kill leaves of its metrics, and an alarm that tells a server on this machine.

#![expect(clippy::disallowed_methods, reason = "a test of a real process takes real time")]

use crate::running::{Running, text};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a state is waited for that must come.
const PATIENCE: Duration = Duration::from_secs(30);

fn call(server: &Running, operation: &str, body: &str) -> String {
    let answer = server.call_service("GraniteServiceVersion20100801", "monitoring", operation, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

fn next_minute(server: &Running) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "PUT /_aws/clock?advance=60 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// A statistic of all that a series has.
fn statistic(server: &Running, metric: &str, statistic: &str) -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (start, end) = (now - 86_400, now + 86_400);
    let asked = format!(
        r#"{{{metric}, "StartTime": {start}, "EndTime": {end}, "Period": 172800, "Statistics": ["{statistic}"]}}"#
    );
    let found = call(server, "GetMetricStatistics", &asked);
    let value = found.split(&format!("\"{statistic}\":")).nth(1);
    value.map_or(0.0, |value| value.split([',', '}']).next().unwrap().parse().unwrap())
}

#[test]
fn points_of_minutes_that_are_over_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let arguments = ["--port", "0", "--data-dir", text(&data), "--adjustable-clock"];
    let mut server = Running::start(&arguments);
    call(
        &server,
        "PutMetricData",
        r#"{"Namespace": "app", "MetricData": [{"MetricName": "m", "Value": 5}]}"#,
    );
    let table = r#"{"TableName": "items", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}"#;
    let created = server.call("CreateTable", table);
    assert!(created.starts_with("HTTP/1.1 200"), "{created}");
    // What a table is provisioned with is noted after the points of the minute are written: once it is noted a second
    // time, all of before the first are.
    let levels = r#""Namespace": "AWS/DynamoDB", "MetricName": "ProvisionedReadCapacityUnits", "Dimensions": [{"Name": "TableName", "Value": "items"}]"#;
    for minutes in [1.0, 2.0] {
        next_minute(&server);
        let deadline = Instant::now() + PATIENCE;
        while statistic(&server, levels, "SampleCount") < minutes {
            assert!(Instant::now() < deadline, "no minute ends");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    server.signal("-KILL");
    assert_eq!(server.end().0, None);
    let server = Running::start(&arguments);
    assert_eq!(statistic(&server, r#""Namespace": "app", "MetricName": "m""#, "Sum"), 5.0);
}

#[test]
fn an_alarm_tells_a_server_on_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let server = Running::start(&["--port", "0", "--memory"]);
    let alarm = format!(
        r#"{{"AlarmName": "full", "Namespace": "app", "MetricName": "m", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": ["http://{}/told"]}}"#,
        listener.local_addr().unwrap()
    );
    call(&server, "PutMetricAlarm", &alarm);
    let state = r#"{"AlarmName": "full", "StateValue": "ALARM", "StateReason": "a try"}"#;
    call(&server, "SetAlarmState", state);
    let deadline = Instant::now() + PATIENCE;
    let mut stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(_) => assert!(Instant::now() < deadline, "nobody is told"),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut told = Vec::new();
    while !String::from_utf8_lossy(&told).contains("a try") {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&told));
        told.extend_from_slice(&part[..count]);
    }
    let told = String::from_utf8_lossy(&told);
    assert!(told.starts_with("POST /told HTTP/1.1\r\n") && told.contains("full"), "{told}");
}
