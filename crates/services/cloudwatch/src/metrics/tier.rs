//! How finely points are kept, and for how long. A point is in one tier at a time: when it is too old for a tier, it is
//! merged into the next one and leaves.

/// Points of one width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// By the minute, for 15 days.
    Minutes,
    /// By five minutes, for 63 days.
    FiveMinutes,
    /// By the hour, for 455 days.
    Hours,
}

const DAY: u32 = 24 * 60;

impl Tier {
    /// From the finest to the coarsest.
    pub const ALL: [Tier; 3] = [Tier::Minutes, Tier::FiveMinutes, Tier::Hours];

    /// The minutes of one point.
    pub fn width(self) -> u32 {
        match self {
            Tier::Minutes => 1,
            Tier::FiveMinutes => 5,
            Tier::Hours => 60,
        }
    }

    /// The minutes of one block, which is a row.
    pub fn block(self) -> u32 {
        match self {
            Tier::Minutes => 60,
            Tier::FiveMinutes => DAY,
            Tier::Hours => 30 * DAY,
        }
    }

    /// For how many minutes its points are kept.
    pub fn kept(self) -> u32 {
        match self {
            Tier::Minutes => 15 * DAY,
            Tier::FiveMinutes => 63 * DAY,
            Tier::Hours => 455 * DAY,
        }
    }

    /// The next coarser one.
    pub fn next(self) -> Option<Tier> {
        match self {
            Tier::Minutes => Some(Tier::FiveMinutes),
            Tier::FiveMinutes => Some(Tier::Hours),
            Tier::Hours => None,
        }
    }

    /// The first minute of the block that holds a minute.
    pub fn block_of(self, minute: u32) -> u32 {
        minute - minute % self.block()
    }

    /// Its number in keys.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}
