//! What all tables of an account in a region may read and write together.

use crate::bucket::Rate;
use crate::meter::Meter;
use crate::{Direction, HalfUnits, Share};

/// Units a second, of either direction.
const UNITS: u64 = 80_000;

/// The buckets of an account in a region.
#[derive(Debug)]
pub struct Account {
    read: Meter,
    write: Meter,
}

impl Account {
    /// An account with the quotas that every account has.
    pub fn new() -> Account {
        let meter = || Meter::since(0, Rate::per_second(UNITS, 1));
        Account { read: meter(), write: meter() }
    }

    /// This server's part of one direction.
    pub fn share(&self, direction: Direction, share: Share, now_micros: u64) {
        self.of(direction).set_rate(Rate::per_second(UNITS, 1).part(share), now_micros);
    }

    pub(crate) fn admits(&self, direction: Direction, now_micros: u64) -> bool {
        self.of(direction).admits(now_micros)
    }

    pub(crate) fn charge(&self, direction: Direction, now_micros: u64, cost: HalfUnits) {
        self.of(direction).charge(now_micros, cost);
    }

    fn of(&self, direction: Direction) -> &Meter {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }
}

impl Default for Account {
    fn default() -> Self {
        Account::new()
    }
}
