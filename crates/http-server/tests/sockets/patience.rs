//! Clients that send slowly, or do not read: how long each is waited for, and how many bytes wait.

use crate::HI;
use crate::world::{World, head, settings};
use http_server::{Limits, Settings};
use std::time::{Duration, Instant};

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
    });
    assert!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
}

#[test]
fn small_bodies_do_not_wait_for_room() {
    let limits = Limits { in_flight_bytes: 32 * 1024, ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    let body = format!(r#"{{"Millis":60000,"Text":"{}"}}"#, "x".repeat(20_000));
    let mut large: Vec<_> = (0..4).map(|_| world.connect()).collect();
    for client in &mut large {
        client.write(head("", body.len()) + &body);
    }
    assert_eq!(world.connect().post("", HI).status, 200);
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
