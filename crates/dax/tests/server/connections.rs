//! Connections that are refused, broken, slow or too many.

use super::world::{Client, World, hex, vectors};
use dax::Limits;
use dax::codec::writer::{put_array, put_bytes, put_int};
use identity::Strictness;
use std::time::Duration;

const ENDPOINTS: [u8; 6] = [1, 0x1a, 0x1b, 0x2b, 0xcf, 0x02];
const GET: &str = "011a0fb0cc6a44546162534161bfff";

async fn world(strictness: Strictness) -> World {
    let world = World::start(strictness, Limits::default()).await;
    world.create_tables(&vectors()).await;
    world
}

/// The codes that an answer begins with.
fn codes(answer: &[u8]) -> Vec<i64> {
    let mut reader = dax::codec::Reader::new(answer);
    let (mut left, mut codes) = (reader.array().expect("codes"), Vec::new());
    while left.next(&mut reader).expect("codes") {
        codes.push(reader.int().expect("a code"));
    }
    codes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_where_to_go() {
    let world = world(Strictness::Verify).await;
    let mut client = world.client().await;
    let answer = client.ask(&ENDPOINTS, 1).await.expect("an answer");
    let address = [&[0x02, 0x44, 127, 0, 0, 1, 0x03, 0x19][..], &world.address.port().to_be_bytes()].concat();
    assert!(answer.windows(address.len()).any(|bytes| bytes == address), "{answer:x?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_authorized_is_told_with_the_next_answer() {
    let world = world(Strictness::Verify).await;
    let mut silent = world.connect().await;
    silent.send(&hex("674a37796e65354700f6a000")).await;
    assert_eq!(codes(&silent.ask(&ENDPOINTS, 1).await.expect("an answer")), [4, 23, 31, 33]);
    let vectors = vectors();
    let frames = vectors["captures"]["py"]["connection"].as_array().expect("frames");
    let mut forged = hex(frames[1]["request_hex"].as_str().expect("digits"));
    let at = forged.len() - 60;
    forged[at] ^= 1;
    silent.send(&forged).await;
    assert_eq!(codes(&silent.ask(&hex(GET), 1).await.expect("an answer")), [4, 23, 31, 33]);
    silent.send(&hex(frames[1]["request_hex"].as_str().expect("digits"))).await;
    assert_eq!(silent.ask(&hex(GET), 1).await, Some(vec![0x80, 0xf6]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_client_is_left() {
    let world = world(Strictness::Off).await;
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x16, 3, 1, 2, 0], &[0xff; 64]] {
        let mut client = world.connect().await;
        client.send(bytes).await;
        assert_eq!(client.answer(1).await, None, "{bytes:x?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_method_ends_its_connection_and_no_other() {
    let world = world(Strictness::Off).await;
    let (mut broken, mut other) = (world.client().await, world.client().await);
    for id in [785_068_263, -313_431_286, 7] {
        let mut request = vec![1];
        put_int(&mut request, id);
        let answer = broken.ask(&request, 1).await.expect("an answer");
        assert_eq!(codes(&answer), [4, 37, 38, 44]);
        assert_eq!(broken.answer(1).await, None);
        broken = world.client().await;
    }
    assert_eq!(other.ask(&hex(GET), 1).await, Some(vec![0x80, 0xf6]));
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_that_lie_and_depth_are_refused() {
    let world = world(Strictness::Off).await;
    let get = hex("011a0fb0cc6a");
    for tail in [&[0x5b, 0x7f, 255, 255, 255, 255, 255, 255, 255][..], &[0x81; 200], &[0x5a, 0x7f, 0, 0, 0]] {
        let mut client = world.client().await;
        client.send(&[&get[..], tail].concat()).await;
        let answer = client.answer(1).await.expect("an answer");
        assert_eq!(codes(&answer), [4, 37, 38, 39, 46], "{tail:x?}");
        assert_eq!(client.answer(1).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_makes_no_sense_is_refused_and_the_next_is_served() {
    let world = world(Strictness::Off).await;
    let mut client = world.client().await;
    let put = |key: &[u8], values: &[u8]| {
        let mut request = hex("013a7d8e7e56");
        put_bytes(&mut request, b"TabS");
        put_bytes(&mut request, key);
        put_bytes(&mut request, values);
        request.push(0xf6);
        request
    };
    let million = {
        let mut values = vec![1];
        put_array(&mut values, 1_000_000);
        values.extend(std::iter::repeat_n(0xf6, 1_000_000));
        values
    };
    for (key, values) in [
        (&b"a"[..], &[0x18, 99][..]), // a list that nobody has defined
        (b"a", &[1, 1]),              // more values than names
        (b"a", &[0x61]),              // no list at all
        (&[0xff, 0xfe], &[1]),        // no key of this table
        (b"", &[1]),                  // an empty key
        (b"a", &million),
    ] {
        let answer = client.ask(&put(key, values), 1).await.expect("an answer");
        assert_eq!(codes(&answer), [4, 37, 38, 39, 46], "{key:x?}");
    }
    let missing = client.ask(&hex("011a0fb0cc6a476d697373696e674161bfff"), 1).await.expect("an answer");
    assert_eq!(codes(&missing), [4, 37, 38, 39, 41]);
    assert_eq!(client.ask(&put(b"a", &[1]), 1).await, Some(vec![0x80, 0xf6]));
    assert_eq!(client.ask(&hex(GET), 1).await, Some(hex("80a1004101")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_another_table_does_not_change_a_key() {
    let world = world(Strictness::Off).await;
    let mut client = world.client().await;
    // The list of pk, which is this table's key, and name.
    let answer = client.ask(&hex("013a495927bb8262706b646e616d65"), 1).await.expect("an answer");
    let list = dax::codec::Reader::new(&answer[1..]).int().expect("a number");
    let (mut put, mut values) = (hex("013a7d8e7e56"), Vec::new());
    put_bytes(&mut put, b"TabS");
    put_bytes(&mut put, b"a");
    put_int(&mut values, list);
    values.extend_from_slice(b"\x61z\x63Ann");
    put_bytes(&mut put, &values);
    put.push(0xf6);
    assert_eq!(client.ask(&put, 1).await, Some(vec![0x80, 0xf6]));
    let read = client.ask(&hex(GET), 1).await.expect("an answer");
    assert!(read.ends_with(b"\x63Ann") && !read.contains(&b'z'), "{read:x?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_writer_and_many_requests_at_once_are_served() {
    let world = world(Strictness::Off).await;
    let mut client = world.client().await;
    for byte in hex(GET) {
        client.send(&[byte]).await;
    }
    assert_eq!(client.answer(1).await, Some(vec![0x80, 0xf6]));
    client.send(&hex(GET).repeat(20)).await;
    for _ in 0..20 {
        assert_eq!(client.answer(1).await, Some(vec![0x80, 0xf6]));
    }
}

/// A server of two places, both taken, and who has them.
async fn full(patience: Duration) -> (World, [Client; 2]) {
    let world = World::start(Strictness::Off, Limits { connections: 2, patience }).await;
    world.create_tables(&vectors()).await;
    let mut clients = [world.client().await, world.client().await];
    for client in &mut clients {
        assert_eq!(client.ask(&hex(GET), 1).await, Some(vec![0x80, 0xf6]));
    }
    (world, clients)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_above_the_limit_gets_a_place_that_becomes_free() {
    let (world, [one, _two]) = full(Duration::from_secs(600)).await;
    let mut third = world.client().await;
    third.send(&hex(GET)).await;
    drop(one);
    assert_eq!(third.answer(1).await, Some(vec![0x80, 0xf6]));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_above_the_limit_are_closed_in_time_and_others_served_on() {
    let (world, mut clients) = full(Duration::from_millis(50)).await;
    for _ in 0..3 {
        let mut more = world.connect().await;
        assert_eq!(more.answer(1).await, None);
    }
    for client in &mut clients {
        assert_eq!(client.ask(&hex(GET), 1).await, Some(vec![0x80, 0xf6]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_closes_idle_connections() {
    let world = world(Strictness::Off).await;
    let mut client = world.client().await;
    assert_eq!(client.ask(&hex(GET), 1).await, Some(vec![0x80, 0xf6]));
    world.close.send_replace(true);
    assert_eq!(client.answer(1).await, None);
}
