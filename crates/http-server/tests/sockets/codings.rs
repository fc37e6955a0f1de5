//! Bodies in gzip and deflate, both ways.

use crate::HI;
use crate::world::{Reply, World, settings};
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use http_server::{Limits, Settings};
use std::io::{Read, Write};

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
