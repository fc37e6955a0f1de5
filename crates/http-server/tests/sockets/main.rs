//! The listener over real sockets, with requests as bytes.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and waits for real"
)]

mod codings;
mod http2;
mod patience;
mod stopping;
mod tls;
mod world;

use http_server::{Cors, HealthPages, HostRule, Limits, Persona, Settings};
use std::time::Duration;
use world::{LARGE_BODY_BYTES, World, head, settings};

const HI: &str = r#"{"Text":"hi"}"#;

#[test]
fn a_connection_serves_many_requests() {
    let world = World::start(settings());
    let mut client = world.connect();
    for _ in 0..3 {
        let reply = client.post("", HI);
        assert_eq!((reply.status, reply.text()), (200, HI));
        assert_eq!(reply.header("content-type"), Some("application/x-amz-json-1.0"));
        assert_eq!(reply.header("x-amz-crc32"), Some(crc32fast::hash(HI.as_bytes()).to_string().as_str()));
        assert_eq!(reply.header("x-amzn-requestid").map(str::len), Some(52));
        assert_eq!(reply.header("server"), Some("server"));
        assert!(reply.header("date").is_some() && reply.header("connection").is_none());
    }
    // Two at once, answered in order.
    client.write(head("", HI.len()) + HI + &head("", 2) + "{}");
    assert_eq!(client.read().text(), HI);
    assert_eq!(client.read().text(), r#"{"Text":""}"#);
}

#[test]
fn pieces_and_chunks_make_the_same_body() {
    let world = World::start(settings());
    let mut client = world.connect();
    let (first, second) = HI.split_at(5);
    client.write(head("", HI.len()));
    client.write(first);
    std::thread::sleep(Duration::from_millis(20));
    client.write(second);
    assert_eq!(client.read().text(), HI);
    let chunked = head("", 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    client.write(format!("{chunked}5\r\n{first}\r\n8\r\n{second}\r\n0\r\n\r\n"));
    assert_eq!(client.read().text(), HI);
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let world = World::start(settings());
    let mut client = world.connect();
    client.write(head("", 64 * 1024 + 1));
    let reply = client.read();
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    client.write(vec![b'x'; 64 * 1024 + 1]); // the connection is not reset while the client still sends
    assert!(client.is_closed());

    let mut client = world.connect();
    let most = format!(r#"{{"Text":"{}"}}"#, "x".repeat(64 * 1024 - 11));
    assert_eq!(most.len(), 64 * 1024);
    assert_eq!(client.post("", most).status, 200);

    let chunked = head("", 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    client.write(format!("{chunked}20000\r\n"));
    client.write(vec![b'x'; 0x20000]);
    assert_eq!(client.read().status, 413);
}

#[test]
fn expect_continue_is_answered_first_or_refused() {
    let world = World::start(settings());
    let mut client = world.connect();
    client.write(head("Expect: 100-continue\r\n", HI.len()));
    assert_eq!(client.read().status, 100);
    client.write(HI);
    assert_eq!(client.read().text(), HI);
    client.write(head("Expect: 100-continue\r\n", 1 << 20));
    assert_eq!(client.read().status, 413);
}

#[test]
fn a_service_may_take_larger_bodies_than_others() {
    let world = World::start(settings());
    let status = |target: &str, length: usize| {
        let mut client = world.connect();
        client.write(head("", length).replace("Tests.", target));
        client.write(HI.to_owned() + &" ".repeat(length - HI.len()));
        client.read().status
    };
    let default = settings().limits.body_bytes;
    assert_eq!((status("Tests.", default), status("Large.", LARGE_BODY_BYTES)), (200, 200));
    assert_eq!((status("Tests.", default + 1), status("Large.", LARGE_BODY_BYTES + 1)), (413, 413));
    let limits = Limits { in_flight_bytes: default, ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    let mut client = world.connect();
    client.write(head("", default + 1).replace("Tests.", "Large."));
    assert_eq!(client.read().status, 413, "never more than all bodies together may take");
}

#[test]
fn foreign_hosts_are_refused_on_loopback() {
    let world = World::start(settings());
    for (host, status) in [("evil.example:8000", 403), ("localhost:8000", 200), ("127.0.0.1", 200)] {
        let mut client = world.connect();
        client.write(head("", HI.len()).replace("Host: localhost", &format!("Host: {host}")));
        client.write(HI);
        assert_eq!(client.read().status, status, "{host}");
    }
    let world = World::start(Settings { host_rule: HostRule::Any, ..settings() });
    let mut client = world.connect();
    client.write(head("", HI.len()).replace("Host: localhost", "Host: anything.example"));
    client.write(HI);
    assert_eq!(client.read().status, 200);
}

#[test]
fn web_pages_may_read_answers_and_refusals() {
    let world = World::start(settings());
    let mut client = world.connect();
    let origin = "Origin: https://app.example\r\n";
    assert_eq!(client.post(origin, HI).header("access-control-allow-origin"), Some("*"));
    let refused = client.post(origin, "{");
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (400, Some("*")));
    assert!(
        refused.header("access-control-expose-headers").is_some_and(|names| names.contains("x-amz-crc32"))
    );
    assert_eq!(client.post("", HI).header("access-control-allow-origin"), None);
    client.write(format!(
        "OPTIONS / HTTP/1.1\r\nHost: localhost\r\n{origin}Access-Control-Request-Method: \
         POST\r\nAccess-Control-Request-Headers: x-amz-target,content-type\r\n\r\n"
    ));
    let preflight = client.read();
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("x-amzn-requestid").map(str::len), Some(52));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("x-amz-target,content-type"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("post"));
    assert_eq!(preflight.header("access-control-max-age"), Some("172800"));

    let world = World::start(Settings { cors: Cors::parse("https://app.example, http://x"), ..settings() });
    let mut client = world.connect();
    let reply = client.post(origin, HI);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(reply.header("vary"), Some("origin"));
    assert_eq!(
        client.post("Origin: https://evil.example\r\n", HI).header("access-control-allow-origin"),
        None
    );
}

#[test]
fn pages_for_people_and_machines() {
    let world = World::start(settings());
    let mut client = world.connect();
    let front = client.get("/", "");
    assert_eq!(front.status, 400);
    assert!(front.text().contains("#MissingAuthenticationTokenException"), "{}", front.text());
    let browser = client.get("/", "Accept: text/html,application/xhtml+xml\r\n");
    assert!(browser.status == 200 && browser.text().contains("<title>Stator</title>"));
    assert_eq!(client.get("/health", "").status, 200);
    assert_eq!(client.get("/ready", "").status, 200);
    let lost = client.get("/nowhere", "");
    assert_eq!((lost.status, lost.text()), (404, "<UnknownOperationException/>\n"));
    client.write("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\nPUT / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.read_head(), 200);
    assert_eq!(client.read().status, 404);

    let persona = |region| Persona::Production { region };
    let world = World::start_with(settings(), HealthPages::new(persona(None), || Ok(())));
    assert_eq!(world.connect().get("/", "").text(), "healthy\n");
    let world = World::start_with(
        settings(),
        HealthPages::new(persona(Some("eu-west-1".into())), || Err("it waits".into())),
    );
    let mut client = world.connect();
    let front = client.get("/", "");
    assert_eq!((front.status, front.text()), (200, "healthy: dynamodb.eu-west-1.amazonaws.com "));
    assert_eq!((client.get("/health", "").status, client.get("/ready", "").status), (200, 503));
}

#[test]
fn an_answer_has_the_type_of_its_request() {
    let world = World::start(settings());
    let mut client = world.connect();
    for (asked, answered) in [
        (Some("application/x-amz-json-1.0"), "application/x-amz-json-1.0"),
        (Some("application/json; charset=utf-8"), "application/json"),
        (None, "application/json"),
    ] {
        let asked = asked.map_or(String::new(), |asked| format!("Content-Type: {asked}\r\n"));
        client.write(format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Tests.Repeat\r\n{asked}Content-Length: 0\r\n\r\n"
        ));
        let reply = client.read();
        assert_eq!((reply.status, reply.header("content-type")), (400, Some(answered)), "{asked}");
        assert!(reply.header("x-amzn-requestid").is_some());
    }
}

#[test]
fn what_is_no_http_ends_the_connection_and_nothing_else() {
    let world = World::start(settings());
    for bytes in ["\u{16}\u{3}\u{1}hello tls", "GET\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
    {
        let mut client = world.connect();
        client.write(bytes);
        if !client.is_closed() {
            assert_eq!(client.read().status, 400, "{bytes:?}");
        }
    }
    let huge = format!("POST / HTTP/1.1\r\nHost: localhost\r\nx: {}\r\n\r\n", "y".repeat(200 * 1024));
    let mut client = world.connect();
    client.write_lossy(huge);
    if !client.is_closed() {
        assert_eq!(client.read().status, 431);
    }
    // Half requests: the client goes away in the middle of a head, and of a body.
    world.connect().write("POST / HT");
    world.connect().write(head("", 100) + "{");
    assert_eq!(world.connect().post("", HI).status, 200);
}

#[test]
fn a_client_that_has_said_everything_hears_the_answer() {
    let world = World::start(settings());
    let mut client = world.connect();
    client.write(head("", HI.len()) + HI);
    client.say_no_more();
    assert_eq!(client.read().text(), HI);
    assert!(client.is_closed());
    let mut client = world.connect();
    client.write(head("", HI.len() + 1) + HI);
    client.say_no_more();
    assert_eq!(client.read().status, 408);
}

#[test]
fn chunks_that_are_none_are_the_clients_fault() {
    let world = World::start(settings());
    let chunked = head("", 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    for chunks in ["zz\r\n{}\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "2\r\n{}}\r\n"] {
        let mut client = world.connect();
        client.write(chunked.clone() + chunks);
        assert_eq!(client.read().status, 400, "{chunks}");
    }
}

#[test]
fn refusals_reach_clients_that_still_send() {
    let world = World::start(settings());
    for line in ["GET /health", "POST /"] {
        let mut client = world.connect();
        let host = if line == "POST /" { "evil.example" } else { "localhost" };
        client.write(format!("{line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 20000000\r\n\r\n"));
        client.write(vec![b'x'; 20_000_000]);
        assert_eq!(client.read().status, if line == "POST /" { 403 } else { 200 });
        assert_eq!(client.post("", HI).text(), HI, "the connection goes on behind the body");
    }
}

#[test]
fn every_name_of_a_request_counts() {
    let world = World::start(settings());
    for (request, status) in [
        ("GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 403),
        ("GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
        ("GET http://localhost:8000/health HTTP/1.1\r\nHost: localhost:8000\r\n\r\n", 200),
        ("GET /health HTTP/1.1\r\nHost: \u{e9}vil\r\n\r\n", 403),
        ("GET /health HTTP/1.0\r\n\r\n", 200),
    ] {
        let mut client = world.connect();
        client.write(request);
        assert_eq!(client.read().status, status, "{request}");
    }
}
