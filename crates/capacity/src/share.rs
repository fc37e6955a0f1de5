//! What part of a limit a server has, where several serve one store: by what each is asked for, and never nothing.

use crate::bucket::Rate;

const WHOLE_PPM: u64 = 1_000_000;
/// One part in so many is given out evenly, so that a server which was not asked yet can begin.
const EVEN_PART: u64 = 8;

/// A part of a limit, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// All of it: there is no other server.
    pub const WHOLE: Share = Share(WHOLE_PPM as u32);
    /// That of a server of which the others do not know yet, in addition to what they have.
    pub const NEWCOMER: Share = Share((WHOLE_PPM / EVEN_PART) as u32);

    /// The part of a server with this much of the demand on all of so many servers. The parts of all of them together
    /// are never more than the whole.
    pub fn of(own: u64, all: u64, servers: u64) -> Share {
        let servers = servers.max(1);
        let even = WHOLE_PPM / servers;
        if all == 0 {
            return Share::ppm(even);
        }
        let by_demand = u128::from(WHOLE_PPM - WHOLE_PPM / EVEN_PART) * u128::from(own) / u128::from(all);
        Share::ppm(even / EVEN_PART + by_demand as u64)
    }

    /// In millionths.
    pub fn millionths(self) -> u32 {
        self.0
    }

    fn ppm(ppm: u64) -> Share {
        Share(ppm.clamp(1, WHOLE_PPM) as u32)
    }

    pub(crate) fn from_millionths(millionths: u32) -> Share {
        Share::ppm(u64::from(millionths))
    }
}

impl Rate {
    /// The part of one server. What it may keep is its part of what all may.
    pub fn part(self, share: Share) -> Rate {
        if share == Share::WHOLE {
            return self;
        }
        self.slowed(WHOLE_PPM, u64::from(share.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bucket, HalfUnits};
    use proptest::prelude::*;

    #[test]
    fn who_is_asked_more_has_more_and_nobody_has_nothing() {
        assert_eq!(Share::of(0, 0, 1), Share::WHOLE);
        assert_eq!(Share::of(0, 0, 2), Share(500_000));
        assert_eq!(Share::of(9, 10, 2), Share(62_500 + 787_500));
        assert_eq!(Share::of(0, 10, 2), Share(62_500));
        assert_eq!(Share::of(7, 7, 1), Share::WHOLE);
    }

    #[test]
    fn a_part_of_a_rate_fills_slower_and_holds_less() {
        let rate = Rate::per_second(10, 300);
        let half = rate.part(Share(500_000));
        let bucket = Bucket::holding(half, HalfUnits(0), 0);
        assert_eq!(bucket.holds(half, 1_000_000), HalfUnits::of(5.0));
        assert_eq!(bucket.holds(half, 900_000_000), HalfUnits::of(1_500.0));
        assert_eq!(Rate::UNLIMITED.part(Share(1)), Rate::UNLIMITED);
    }

    proptest! {
        #[test]
        fn all_parts_together_are_at_most_the_whole(demands in prop::collection::vec(0..u64::MAX / 64, 1..40)) {
            let all = demands.iter().sum();
            let servers = demands.len() as u64;
            let parts = demands.iter().map(|own| u64::from(Share::of(*own, all, servers).0));
            prop_assert!(parts.sum::<u64>() <= WHOLE_PPM);
        }
    }
}
