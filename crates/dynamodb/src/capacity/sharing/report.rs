//! The report of a server, as it is stored.

use super::FILLED_MICROS;
use super::GONE_ROUNDS;
use ::capacity::{HalfUnits, Held, HeldLane};
use serde::{Deserialize, Serialize};

/// What a server's buckets hold, and what it was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Report {
    /// In which round it was written; 0: the server has ended.
    pub(super) round: u64,
    pub(super) sides: Vec<SideReport>,
}

/// Which table or index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::capacity) struct SideId {
    /// The number of the table.
    pub(in crate::capacity) table: u32,
    /// The number of the index; 0 is the table.
    pub(in crate::capacity) index: u16,
}

/// That of a table or an index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SideReport {
    table: u32,
    index: u16,
    /// When its buckets held this, in microseconds since the Unix epoch.
    at_micros: u64,
    read: LaneReport,
    write: LaneReport,
}

/// That of a direction, in half units.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct LaneReport {
    held: i64,
    settled: u64,
    peak: u64,
    /// In the round before the report, and in the one before that.
    demand: [u64; 2],
}

impl Report {
    pub(super) fn is_gone(&self, round: u64) -> bool {
        self.round + GONE_ROUNDS < round
    }

    /// Whether its server was there in the round before.
    pub(super) fn counts_in(&self, round: u64) -> bool {
        self.round + 1 >= round
    }
}

impl SideReport {
    pub(super) fn of(id: SideId, held: &Held, demand: [[u64; 2]; 2]) -> Self {
        let lane = |lane: &HeldLane, at: usize| LaneReport {
            held: lane.held.0,
            settled: lane.settled_half_units,
            peak: lane.peak_half_units,
            demand: [demand[0][at], demand[1][at]],
        };
        let (read, write) = (lane(&held.read, 0), lane(&held.write, 1));
        SideReport { table: id.table, index: id.index, at_micros: held.at_micros, read, write }
    }

    /// What another server has left and no bucket has yet; `None` when it says nothing any more.
    pub(super) fn of_left(id: SideId, held: &Held, now_micros: u64) -> Option<Self> {
        let has_grown = |lane: &HeldLane| lane.settled_half_units.max(lane.peak_half_units) > 0;
        let is_filled = now_micros.saturating_sub(held.at_micros) > FILLED_MICROS;
        let says_something = !is_filled || has_grown(&held.read) || has_grown(&held.write);
        says_something.then(|| SideReport::of(id, held, Default::default()))
    }

    pub(super) fn id(&self) -> SideId {
        SideId { table: self.table, index: self.index }
    }

    pub(super) fn held(&self) -> Held {
        let lane = |lane: &LaneReport| HeldLane {
            held: HalfUnits(lane.held),
            settled_half_units: lane.settled,
            peak_half_units: lane.peak,
        };
        Held { at_micros: self.at_micros, read: lane(&self.read), write: lane(&self.write) }
    }

    /// All of it.
    pub(super) fn demand(&self) -> u64 {
        [self.read, self.write].iter().flat_map(|lane| lane.demand).fold(0, u64::saturating_add)
    }

    /// That of reads and of writes in a round, where the report is of one of the two rounds behind it.
    pub(super) fn demand_in(&self, round: u64, reported: u64) -> [u64; 2] {
        let place = usize::from(reported > round + 1);
        [self.read.demand[place], self.write.demand[place]]
    }

    /// The highest seconds of earlier half hours.
    pub(super) fn peaks(&self) -> [u64; 2] {
        [self.read.settled, self.write.settled]
    }
}
