//! A server that stops: what is answered before it ends.

use crate::HI;
use crate::world::{World, head, settings};
use http_server::Drained;
use std::time::{Duration, Instant};

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
fn stopping_does_not_wait_for_half_requests() {
    let mut world = World::start_that_drains(settings());
    let mut half_head = world.connect();
    half_head.write("POST / HTTP/1.1\r\nHost: loc");
    let mut half_body = world.connect();
    half_body.write(head("", 100) + "{");
    let mut refused = world.connect();
    refused.write(head("", 20_000_000));
    assert_eq!(refused.read().status, 413);
    let mut busy = world.connect();
    let body = r#"{"Text":"late","Millis":4000}"#;
    busy.write(head("", body.len()) + body);
    let mut coming = world.connect();
    coming.write(&head("", HI.len())[..20]);
    std::thread::sleep(Duration::from_millis(100));
    world.stop();
    coming.write(head("", HI.len())[20..].to_owned() + HI);
    assert_eq!(coming.read().text(), HI, "the rest came in time");
    assert!(half_head.is_closed() && half_body.is_closed() && refused.is_closed());
    assert!(busy.is_silent(), "it has been waited for");
    assert_eq!(busy.read().text(), r#"{"Text":"late"}"#);
    assert_eq!(world.stopped(), Drained::Fully);
}
