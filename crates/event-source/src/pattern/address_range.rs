//! `cidr`: addresses of a network.

use super::PatternError;
use std::net::IpAddr;

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AddressRange {
    network: IpAddr,
    bits: u32,
}

impl AddressRange {
    /// `10.0.0.0/24`, `2001:db8::/32`.
    pub(super) fn read(text: &str) -> Result<AddressRange, PatternError> {
        let read = || {
            let (network, bits) = text.split_once('/')?;
            let (network, bits) = (network.parse::<IpAddr>().ok()?, bits.parse().ok()?);
            Some(AddressRange { network, bits }).filter(|range| range.bits <= width(network))
        };
        read().ok_or_else(|| PatternError::Cidr(text.to_owned()))
    }

    pub(super) fn takes(&self, value: &str) -> bool {
        let Ok(address) = value.parse::<IpAddr>() else { return false };
        let differing = number(address) ^ number(self.network);
        width(address) == width(self.network)
            && differing.checked_shr(width(address) - self.bits).unwrap_or(0) == 0
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}
