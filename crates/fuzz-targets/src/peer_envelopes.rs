//! Whatever comes to the path of peers without the key of one is refused, and whatever comes as the answer of a peer
//! without its key is no answer.

use crate::signatures::request;
use http::Method;
use peers::{CallError, Head, Peer, Peers};
use std::sync::Arc;
use stdx::ManualClock;

/// When the calls come, in microseconds since the Unix epoch: 2026-11-23 21:32:31 UTC.
const NOW_MICROS: u64 = 1_795_469_551_000_000;

/// A call, as path, headers, a zero and the body; or an answer, as its status in two bytes and what is behind.
pub fn peer_envelopes(input: &[u8]) {
    call(input);
    answer(input);
}

fn peer() -> Peer {
    Peer {
        name: "eu".to_owned(),
        url: "http://localhost:1".to_owned(),
        regions: vec!["eu-west-1".into()],
        key: "which no input contains, of course".to_owned().into(),
        authorities: None,
    }
}

fn call(input: &[u8]) {
    let Some((uri, headers, body)) = request(input) else { return };
    let Ok(head) = Head::read(&Method::POST, &uri, &headers) else { return };
    let clock = Arc::new(ManualClock::at(NOW_MICROS));
    let peers = Peers::new(vec!["us-east-1".into()], vec![peer()], clock);
    assert!(peers.take(head, body.to_vec().into()).is_err(), "the key is nowhere in the input");
}

fn answer(input: &[u8]) {
    let Some((status, answer)) = input.split_first_chunk::<2>() else { return };
    let (peer, status) = (peer(), u16::from_le_bytes(*status));
    let refused = peer.open_answer(&[7; 32], status, answer).expect_err("the key is nowhere in the input");
    assert!(!matches!(refused, CallError::Said { .. }), "only a peer says something");
    assert!(refused.to_string().len() < 4_000, "a stranger is not quoted at length");
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_envelopes() {
        let samples: [&[u8]; 4] = [
            b"/_stator/peers/hello\nx-stator-peer-version:1\nx-stator-peer-regions:eu-west-1\nx-stator-peer-time:1795469551000000\nx-stator-peer-nonce:00\nx-stator-peer-signature:e9452b9a488a98ebcf9acf7ab52c2af8299491623be85c1cb54dfc1399108d0e\0body",
            b"\xc8\x00e9452b9a488a98ebcf9acf7ab52c2af8299491623be85c1cb54dfc1399108d0e{}",
            b"\x91\x01OtherKey\nit holds another key than this server has for any of its peers",
            b"\x93\x01e9452b9a488a98ebcf9acf7ab52c2af8299491623be85c1cb54dfc1399108d0eClaimedRegion\nit claims",
        ];
        each(&samples, 20_000, super::peer_envelopes);
    }
}
