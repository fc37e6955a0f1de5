//! The listener over real sockets, with requests as bytes.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and waits for real"
)]

mod tls;
mod world;

use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use http_server::{Cors, Drained, HealthPages, HostRule, Limits, Persona, Settings};
use std::io::{Read, Write};
use std::time::{Duration, Instant};
use world::{LARGE_BODY_BYTES, Reply, World, head, settings};

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

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_requests_within_the_limit() {
    let world = World::start(settings());
    let mut client = world.connect();
    for (coding, encode) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("deflate", deflate)] {
        let header = format!("Content-Encoding: {coding}\r\n");
        assert_eq!(client.post(&header, encode(HI.as_bytes())).text(), HI);
        let bomb = encode(&vec![b' '; 10 << 20]);
        assert!(bomb.len() < 64 * 1024);
        assert_eq!(client.post(&header, bomb).status, 413, "{coding}");
        client = world.connect();
        let cut = encode(HI.as_bytes());
        undecodable(&client.post(&header, cut[..cut.len() - 1].to_vec()));
        undecodable(&client.post(&header, HI));
    }
    assert_eq!(client.post("Content-Encoding: identity\r\n", HI).text(), HI);
    for header in ["Content-Encoding: garbage\r\n", "Content-Encoding: gzip, gzip\r\n"] {
        undecodable(&client.post(header, HI));
    }
}

/// The refusal is the API's own, and the connection stays.
fn undecodable(reply: &Reply) {
    assert!(reply.status == 400 && reply.text().contains("#SerializationException"), "{}", reply.text());
    assert!(reply.header("x-amzn-requestid").is_some() && reply.header("connection").is_none());
}

#[test]
fn responses_are_compressed_for_those_who_ask() {
    let world = World::start(settings());
    let mut client = world.connect();
    let body = r#"{"Text":"hello ","Times":1000}"#;
    for (headers, coding) in [
        ("Accept-Encoding: gzip\r\n", Some("gzip")),
        ("Accept-Encoding: zstd, deflate, gzip\r\n", Some("deflate")),
        ("Accept-Encoding: deflate;q=0.3, gzip;q=0.7\r\n", Some("gzip")),
        ("Accept-Encoding: gzip\r\nAccept-Encoding: identity\r\n", Some("gzip")),
        ("Accept-Encoding: identity\r\nAccept-Encoding: gzip\r\n", None),
        ("Accept-Encoding: identity\r\n", None),
        ("", None),
    ] {
        let reply = client.post(headers, body);
        assert_eq!(reply.header("content-encoding"), coding, "{headers}");
        assert_eq!(reply.header("x-amz-crc32"), Some(crc32fast::hash(&reply.body).to_string().as_str()));
        let mut text = String::new();
        match coding {
            Some("gzip") => GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap(),
            Some(_) => ZlibDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap(),
            None => {
                text.push_str(reply.text());
                text.len()
            }
        };
        assert_eq!(text.len(), 6_000 + r#"{"Text":""}"#.len(), "{headers}");
        assert!(coding.is_none() || reply.body.len() < 500, "{headers}");
    }
    assert_eq!(client.post("Accept-Encoding: gzip\r\n", HI).header("content-encoding"), None, "it is small");
}

/// Large enough that the work leaves the runtime's workers.
#[test]
fn large_bodies_are_compressed_both_ways() {
    let limits = Limits { body_bytes: 4 << 20, ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    let text = format!(r#"{{"Text":"{}"}}"#, "abcdefgh".repeat(400_000));
    let headers = "Content-Encoding: gzip\r\nAccept-Encoding: deflate\r\n";
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let reply = world.connect().post(headers, gzip(text.as_bytes()));
                let mut back = String::new();
                ZlibDecoder::new(&reply.body[..]).read_to_string(&mut back).unwrap();
                assert!(back == text);
            });
        }
    });
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
    let world = World::start_with(settings(), HealthPages::new(persona(None), || true));
    assert_eq!(world.connect().get("/", "").text(), "healthy\n");
    let world = World::start_with(settings(), HealthPages::new(persona(Some("eu-west-1".into())), || false));
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
fn slow_senders_are_cut_off() {
    let limits = Limits {
        head_timeout: Duration::from_millis(150),
        body_timeout: Duration::from_millis(150),
        ..settings().limits
    };
    let world = World::start(Settings { limits, ..settings() });
    let mut half_head = world.connect();
    half_head.write("POST / HTTP/1.1\r\nHost: loc");
    let mut half_body = world.connect();
    half_body.write(head("", 100) + "{");
    let mut idle = world.connect();
    assert_eq!(idle.post("", HI).status, 200);
    assert!(half_head.is_closed() || half_head.read().status == 408);
    assert_eq!(half_body.read().status, 408);
    assert!(half_body.is_closed() && idle.is_closed());
}

#[test]
fn bodies_wait_for_room() {
    let limits = Limits { in_flight_bytes: 32 * 1024, ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    let body = format!(r#"{{"Millis":100,"Text":"{}"}}"#, "x".repeat(20_000));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            // One has room, and one may go beyond.
            scope.spawn(|| assert_eq!(world.connect().post("", body.clone()).status, 200));
        }
        scope.spawn(|| {
            assert_eq!(world.connect().post("", HI).status, 200); // small ones do not wait
            assert!(started.elapsed() < Duration::from_millis(250));
        });
    });
    assert!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
}

#[test]
fn stopping_answers_what_has_begun() {
    let mut world = World::start(settings());
    let mut idle = world.connect();
    assert_eq!(idle.post("", HI).status, 200);
    let mut busy = world.connect();
    let body = r#"{"Text":"late","Millis":300}"#;
    busy.write(head("", body.len()) + body);
    std::thread::sleep(Duration::from_millis(100));
    world.stop();
    let reply = busy.read();
    assert_eq!((reply.status, reply.text()), (200, r#"{"Text":"late"}"#));
    assert_eq!(world.stopped(), Drained::Fully);
    assert!(idle.is_closed());
    assert!(std::net::TcpStream::connect(world.address).is_err());
}

#[test]
fn stopping_waits_only_so_long() {
    let mut world = World::start(settings());
    let mut busy = world.connect();
    let body = r#"{"Millis":60000}"#;
    busy.write(head("", body.len()) + body);
    std::thread::sleep(Duration::from_millis(50));
    world.stop();
    let started = Instant::now();
    assert_eq!(world.stopped(), Drained::CutOff);
    assert!(started.elapsed() < Duration::from_secs(5));
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

#[test]
fn what_is_only_announced_takes_no_room() {
    let limits = Limits { in_flight_bytes: 64 * 1024, ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    let mut stalled: Vec<_> = (0..8).map(|_| world.connect()).collect();
    for client in &mut stalled {
        client.write(head("", 64 * 1024) + "{");
    }
    let body = format!(r#"{{"Text":"{}","Times":0}}"#, "x".repeat(50_000));
    assert_eq!(world.connect().post("", body).status, 200);
}

#[test]
fn clients_that_do_not_read_are_left() {
    for response_timeout in [Duration::from_millis(300), settings().limits.response_timeout] {
        let limits = Limits { in_flight_bytes: 1 << 20, response_timeout, ..settings().limits };
        leaves_the_deaf(limits);
    }
}

fn leaves_the_deaf(limits: Limits) {
    let world = World::start(Settings { limits, ..settings() });
    let mut deaf: Vec<_> = (0..2).map(|_| world.connect()).collect();
    for client in &mut deaf {
        let large = r#"{"Text":"0123456789abcdef","Times":1000000}"#; // more than the system takes
        client.write(head("", large.len()) + large);
        assert!(client.has_more(), "begun, once the one before has been left");
    }
    let began = Instant::now();
    assert_eq!(world.connect().post("", HI).text(), HI, "waited for, not refused");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for client in &mut deaf {
        assert!(client.is_cut_off());
    }
}

#[test]
fn stalled_uploads_give_way_to_those_who_wait() {
    let limits = Limits { in_flight_bytes: 64 * 1024, ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    let body = format!(r#"{{"Text":"{}","Times":0}}"#, "x".repeat(50_000));
    let mut slow = world.connect();
    slow.write(head("", 30_000));
    slow.write(&body[..20_000]);
    let mut stalled: Vec<_> = (0..4).map(|_| world.connect()).collect();
    for client in &mut stalled {
        client.write(head("", 64 * 1024));
        client.write(&body[..20_000]);
    }
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            let began = Instant::now();
            assert_eq!(world.connect().post("", body.clone()).status, 200);
            assert!(began.elapsed() > Duration::from_millis(500), "it had to wait");
        });
        scope.spawn(|| {
            for piece in body.as_bytes()[20_000..30_000].chunks(2_000) {
                std::thread::sleep(Duration::from_secs(1));
                slow.write(piece);
            }
            assert_eq!(slow.read().status, 400, "cut off in a text, but not left");
        });
    });
}

#[test]
fn a_stalled_upload_that_is_in_nobodys_way_goes_on() {
    let world = World::start(settings());
    let mut client = world.connect();
    let body = format!(r#"{{"Text":"{}","Times":0}}"#, "x".repeat(20_000));
    client.write(head("", body.len()));
    client.write(&body[..10_000]);
    std::thread::sleep(Duration::from_millis(2_500));
    client.write(&body[10_000..]);
    assert_eq!(client.read().status, 200);
}

#[test]
fn stopping_does_not_wait_for_half_requests() {
    let mut world = World::start(settings());
    let mut half_head = world.connect();
    half_head.write("POST / HTTP/1.1\r\nHost: loc");
    let mut half_body = world.connect();
    half_body.write(head("", 100) + "{");
    let mut refused = world.connect();
    refused.write(head("", 20_000_000));
    assert_eq!(refused.read().status, 413);
    let mut busy = world.connect();
    let body = r#"{"Text":"late","Millis":1300}"#;
    busy.write(head("", body.len()) + body);
    let mut coming = world.connect();
    coming.write(&head("", HI.len())[..20]);
    std::thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    world.stop();
    std::thread::sleep(Duration::from_millis(100));
    coming.write(head("", HI.len())[20..].to_owned() + HI);
    assert_eq!(coming.read().text(), HI, "the rest came in time");
    assert!(half_head.is_closed() && half_body.is_closed() && refused.is_closed());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(busy.read().text(), r#"{"Text":"late"}"#);
    assert_eq!(world.stopped(), Drained::Fully);
}
