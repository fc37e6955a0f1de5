//! Discovery: the nodes of the cluster as clients are to dial them. Clients dial addresses, never names, and of the
//! family that they came by.

use crate::codec::writer::{put_array, put_bytes, put_int, put_map, put_text};
use std::net::{IpAddr, SocketAddr};

const LEADER: i64 = 1;

/// Where a client that has come to `local` is to go: there, unless another address is advertised.
pub(crate) fn reached(local: SocketAddr, advertised: Option<SocketAddr>) -> SocketAddr {
    let address = advertised.unwrap_or(local);
    let ip = address.ip().to_canonical();
    // A port that is advertised without an address is that of whatever the client came to.
    if ip.is_unspecified() {
        SocketAddr::new(local.ip().to_canonical(), address.port())
    } else {
        SocketAddr::new(ip, address.port())
    }
}

/// Appends the one node that this server is.
pub(crate) fn put(out: &mut Vec<u8>, at: SocketAddr, region: &str) {
    put_array(out, 1);
    put_map(out, 7);
    put_int(out, 0);
    put_int(out, node_id(at));
    put_int(out, 1);
    put_text(out, &at.ip().to_string());
    put_int(out, 2);
    match at.ip() {
        IpAddr::V4(ip) => put_bytes(out, &ip.octets()),
        IpAddr::V6(ip) => put_bytes(out, &ip.octets()),
    }
    put_int(out, 3);
    put_int(out, i64::from(at.port()));
    put_int(out, 4);
    put_int(out, LEADER);
    put_int(out, 5);
    put_text(out, &format!("{region}a"));
    put_int(out, 6);
    put_int(out, 0);
}

/// The same for the same address, whenever and wherever the server is started.
fn node_id(at: SocketAddr) -> i64 {
    let hash = at
        .to_string()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i64::from(hash >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_what_they_can_reach() {
        let address = |text: &str| text.parse().expect("an address");
        let local = address("[::ffff:127.0.0.1]:8111");
        assert_eq!(reached(local, None), address("127.0.0.1:8111"));
        assert_eq!(reached(local, Some(address("10.0.0.7:9000"))), address("10.0.0.7:9000"));
        assert_eq!(reached(local, Some(address("0.0.0.0:9000"))), address("127.0.0.1:9000"));
        assert_eq!(node_id(address("127.0.0.1:8111")), node_id(address("127.0.0.1:8111")));
    }
}
