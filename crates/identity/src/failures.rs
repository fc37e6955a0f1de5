//! Counts failed authentications by address. A caller above the limit of its address is refused without verification,
//! unless its credential was verified before: so clients that share an address cannot be locked out by one of them.
//!
//! An address has a token bucket that refills over a minute; IPv6 addresses are counted by their first 64 bits. The
//! table is bounded; when it is full of addresses in use, it is emptied.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};

/// Addresses that are remembered.
const ADDRESSES_MAX: usize = 10_000;
const MINUTE_MICROS: u64 = 60_000_000;

/// Counts failures.
#[derive(Debug)]
pub(crate) struct Failures {
    per_minute: u64,
    /// When the last bucket is full again; from then on the table is not read.
    until_micros: AtomicU64,
    by_address: Mutex<HashMap<IpAddr, Bucket>>,
}

/// The failures counted for an address, as of a time.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    used: u64,
    since_micros: u64,
}

impl Bucket {
    /// The bucket at a later time.
    fn at(self, now_micros: u64, per_minute: u64) -> Bucket {
        let passed = now_micros.saturating_sub(self.since_micros);
        let returned = (u128::from(passed) * u128::from(per_minute) / u128::from(MINUTE_MICROS)) as u64;
        match returned {
            0 => self,
            _ if returned >= self.used => Bucket { used: 0, since_micros: now_micros },
            _ => {
                let since_micros = self.since_micros + returned * MINUTE_MICROS / per_minute;
                Bucket { used: self.used - returned, since_micros }
            }
        }
    }
}

impl Failures {
    /// Allows so many failures per address and minute; 0 disables the limit.
    pub(crate) fn allowing(per_minute: u32) -> Self {
        let (until_micros, by_address) = (AtomicU64::new(0), Mutex::default());
        Failures { per_minute: per_minute.into(), until_micros, by_address }
    }

    /// Whether an address is above its limit.
    pub(crate) fn is_over(&self, address: Option<IpAddr>, now_micros: u64) -> bool {
        let is_quiet = now_micros >= self.until_micros.load(Ordering::Acquire);
        let Some(address) = address.filter(|_| !is_quiet) else { return false };
        let by_address = self.by_address.lock();
        let bucket = by_address.get(&site(address));
        bucket.is_some_and(|bucket| bucket.at(now_micros, self.per_minute).used >= self.per_minute)
    }

    /// Counts a failure.
    pub(crate) fn note(&self, address: Option<IpAddr>, now_micros: u64) {
        let Some(address) = address.filter(|_| self.per_minute > 0) else { return };
        let mut by_address = self.by_address.lock();
        if by_address.len() >= ADDRESSES_MAX && !by_address.contains_key(&site(address)) {
            by_address.retain(|_, bucket| bucket.at(now_micros, self.per_minute).used > 0);
            if by_address.len() >= ADDRESSES_MAX {
                by_address.clear();
            }
        }
        let fresh = Bucket { used: 0, since_micros: now_micros };
        let bucket = by_address.entry(site(address)).or_insert(fresh);
        *bucket = bucket.at(now_micros, self.per_minute);
        if bucket.used == 0 {
            bucket.since_micros = now_micros;
        }
        bucket.used = (bucket.used + 1).min(self.per_minute);
        self.until_micros.fetch_max(now_micros + MINUTE_MICROS, Ordering::AcqRel);
    }
}

/// What counts as one address: of IPv6 the first 64 bits.
fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn failures_come_back_with_time() {
        let failures = Failures::allowing(6);
        let (own, other) = (address("10.0.0.1"), address("10.0.0.2"));
        for _ in 0..6 {
            assert!(!failures.is_over(own, 0));
            failures.note(own, 0);
        }
        assert!(failures.is_over(own, 0) && !failures.is_over(other, 0) && !failures.is_over(None, 0));
        assert!(failures.is_over(own, 9 * SECOND));
        assert!(!failures.is_over(own, 10 * SECOND));
        failures.note(own, 10 * SECOND);
        assert!(failures.is_over(own, 19 * SECOND) && !failures.is_over(own, 20 * SECOND));
        assert!(!failures.is_over(own, 3_600 * SECOND));
    }

    #[test]
    fn any_number_is_allowed_where_none_is_set() {
        let failures = Failures::allowing(0);
        (0..1_000).for_each(|_| failures.note(address("10.0.0.1"), 0));
        assert!(!failures.is_over(address("10.0.0.1"), 0));
    }

    #[test]
    fn a_site_is_one_address() {
        let failures = Failures::allowing(1);
        failures.note(address("2001:db8:1:2::1"), 0);
        assert!(failures.is_over(address("2001:db8:1:2:ffff::2"), 0));
        assert!(!failures.is_over(address("2001:db8:1:3::1"), 0));
        failures.note(address("::ffff:10.0.0.1"), 0);
        assert!(failures.is_over(address("10.0.0.1"), 0));
    }

    #[test]
    fn memory_is_bounded() {
        let failures = Failures::allowing(2);
        for number in 0..30_000_u32 {
            failures.note(Some(IpAddr::from(number.to_be_bytes())), 0);
        }
        assert!(failures.by_address.lock().len() <= ADDRESSES_MAX);
    }
}
