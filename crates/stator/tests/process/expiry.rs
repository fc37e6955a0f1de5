//! `DELETE /_aws/dynamodb/expired`, and how often expired items are looked for.

#![expect(clippy::disallowed_methods, reason = "a test of a real process takes real time")]

use crate::running::{Running, stator};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn delete(server: &Running, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "DELETE {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A table with time to live, in which two items have expired and one has not.
fn expiring(server: &Running, name: &str) {
    let called = |operation, body: String| {
        let answer = server.call(operation, &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    called(
        "CreateTable",
        format!(
            r#"{{"TableName": "{name}", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{{"AttributeName": "pk", "KeyType": "HASH"}}], "AttributeDefinitions": [{{"AttributeName": "pk", "AttributeType": "S"}}]}}"#
        ),
    );
    for (pk, expires) in [("a", "1735689600"), ("b", "1735689601"), ("c", "4102444800")] {
        let item = format!(r#"{{"pk": {{"S": "{pk}"}}, "expires": {{"N": "{expires}"}}}}"#);
        called("PutItem", format!(r#"{{"TableName": "{name}", "Item": {item}}}"#));
    }
    let specification = r#"{"Enabled": true, "AttributeName": "expires"}"#;
    called(
        "UpdateTimeToLive",
        format!(r#"{{"TableName": "{name}", "TimeToLiveSpecification": {specification}}}"#),
    );
}

fn count(server: &Running, name: &str) -> u64 {
    let answer = server.call("Scan", &format!(r#"{{"TableName": "{name}", "Select": "COUNT"}}"#));
    answer.split(r#""Count":"#).nth(1).unwrap().split([',', '}']).next().unwrap().parse().unwrap()
}

#[test]
fn expired_items_go_when_somebody_asks() {
    let mut server = Running::start(&["--port", "0", "--memory", "--ttl-sweep", "off"]);
    let expired = "/_aws/dynamodb/expired";
    assert!(delete(&server, expired, "").ends_with("{\"ExpiredItems\": 0}"));
    for name in ["one", "two", "three"] {
        expiring(&server, name);
    }
    let one = delete(&server, "/_aws/dynamodb/expired?table=one", "");
    assert!(one.starts_with("HTTP/1.1 200") && one.contains("application/json"), "{one}");
    assert!(one.ends_with("{\"ExpiredItems\": 2}"), "{one}");
    assert_eq!(["one", "two", "three"].map(|name| count(&server, name)), [1, 3, 3]);
    assert!(delete(&server, expired, "").ends_with("{\"ExpiredItems\": 4}"));
    assert!(delete(&server, expired, "").ends_with("{\"ExpiredItems\": 0}"));
    assert!(delete(&server, "/_aws/dynamodb/expired?table=none", "").starts_with("HTTP/1.1 404"));
    assert!(delete(&server, "/_aws/dynamodb/expired?tabel=one", "").starts_with("HTTP/1.1 400"));
    assert!(delete(&server, "/_aws/dynamodb/expire", "").starts_with("HTTP/1.1 404"));
    assert!(server.get(expired).starts_with("HTTP/1.1 404"));
    assert_eq!(["one", "two", "three"].map(|name| count(&server, name)), [1, 1, 1]);
    server.signal("-TERM");
    server.end();
}

#[test]
fn where_signatures_are_verified_only_a_signed_request_deletes() {
    let mut command = stator(&["--port", "0", "--memory", "--auth", "verify"]);
    command.env("STATOR_ACCESS_KEY_ID", "AKID").env("STATOR_SECRET_ACCESS_KEY", "secret");
    let mut server = Running::of(&mut command);
    let path = "/_aws/dynamodb/expired";
    let unsigned = delete(&server, path, "");
    assert!(unsigned.contains("MissingAuthenticationTokenException"), "{unsigned}");
    let forged = "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
                  Credential=AKID/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, \
                  Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n";
    let refused = delete(&server, path, forged);
    assert!(refused.starts_with("HTTP/1.1 4") && !refused.contains("ExpiredItems"), "{refused}");
    let signed = delete(&server, path, &signature(server.address(), path));
    assert!(signed.ends_with("{\"ExpiredItems\": 0}"), "{signed}");
    server.signal("-TERM");
    server.end();
}

/// The headers of a signed request.
fn signature(address: &str, path: &str) -> String {
    let signer = identity::Signer {
        access_key_id: "AKID".to_owned(),
        secret: identity::Secret::new("secret"),
        session_token: None,
        region: "us-east-1".to_owned(),
    };
    let uri = format!("http://{address}{path}").parse().unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("host", "localhost".parse().unwrap());
    let now_micros = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    signer.sign("dynamodb", (&http::Method::DELETE, &uri), &mut headers, b"", now_micros as u64).unwrap();
    let signed = headers.iter().filter(|(name, _)| *name != "host");
    signed.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect()
}

#[test]
fn expired_items_go_by_themselves() {
    let mut server = Running::start(&["--port", "0", "--memory", "--ttl-sweep", "100ms"]);
    expiring(&server, "one");
    let deadline = Instant::now() + Duration::from_secs(20);
    while count(&server, "one") > 1 {
        assert!(Instant::now() < deadline, "expired items stay");
        std::thread::sleep(Duration::from_millis(20));
    }
    server.signal("-TERM");
    server.end();
}
