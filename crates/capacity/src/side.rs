//! A table or a global index: everything that one of them is limited by.

use crate::bucket::Rate;
use crate::limits::{BURST_SECONDS, Limits, Throughput};
use crate::meter::Meter;
use crate::ranges::Ranges;
use crate::{Account, Direction, HalfUnits, Reason, Reasons};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Read or write.
    pub direction: Direction,
    /// The first 64 bits of the hash of the partition key; `None` where no range is charged.
    pub hash: Option<u64>,
    /// The time.
    pub now_micros: u64,
}

/// The buckets of a table or a global index.
#[derive(Debug)]
pub struct Side {
    account: Arc<Account>,
    servers: AtomicU64,
    is_on_demand: AtomicBool,
    read: Lane,
    write: Lane,
    ranges: Ranges,
}

/// One direction.
#[derive(Debug)]
struct Lane {
    /// What was ordered, or what the table has grown to.
    main: Meter,
    /// The maximum in on-demand mode, and whether there is one.
    maximum: Meter,
    has_maximum: AtomicBool,
}

impl Side {
    pub(crate) fn new(limits: &Limits, throughput: Throughput, now_micros: u64) -> Side {
        let (read, write) = match throughput {
            Throughput::Provisioned { read, write } => (read, write),
            Throughput::OnDemand { warm_read, warm_write, .. } => (warm_read, warm_write),
        };
        let lane = |units| Lane {
            main: Meter::since(limits.created_micros, ordered(units, limits.servers)),
            maximum: Meter::since(0, Rate::UNLIMITED),
            has_maximum: AtomicBool::new(false),
        };
        let side = Side {
            account: Arc::clone(&limits.account),
            servers: AtomicU64::new(1),
            is_on_demand: AtomicBool::new(false),
            read: lane(read),
            write: lane(write),
            ranges: Ranges::default(),
        };
        side.configure(limits, throughput, now_micros);
        side
    }

    /// The limits are others now.
    pub(crate) fn configure(&self, limits: &Limits, throughput: Throughput, now_micros: u64) {
        let servers = limits.servers;
        self.servers.store(servers, Relaxed);
        self.account.share(servers, now_micros);
        match throughput {
            Throughput::Provisioned { read, write } => {
                self.is_on_demand.store(false, Relaxed);
                self.read.order(read, servers, now_micros);
                self.write.order(write, servers, now_micros);
                self.ranges.fit(read, write);
            }
            Throughput::OnDemand { warm_read, warm_write, max_read, max_write } => {
                self.is_on_demand.store(true, Relaxed);
                self.read.let_grow(warm_read, max_read, servers, now_micros);
                self.write.let_grow(warm_write, max_write, servers, now_micros);
                self.ranges.fit(warm_read, warm_write);
            }
        }
    }

    /// Which limits are reached; none: the request is admitted. Charges nothing.
    pub fn refusals(&self, ask: Ask) -> Reasons {
        let Ask { direction, hash, now_micros } = ask;
        let lane = self.lane(direction);
        let reached = Reasons::default()
            .with(self.main_reason(), !lane.main.admits(now_micros))
            .with(Reason::MaxOnDemandThroughput, lane.is_at_maximum(now_micros))
            .with(Reason::AccountLimit, !self.account.admits(direction, now_micros));
        let Some(hash) = hash else { return reached };
        let is_dry = !self.ranges.admits(direction, hash, self.servers.load(Relaxed), now_micros);
        if is_dry {
            self.ranges.note_dry(hash, now_micros);
        }
        reached.with(Reason::KeyRangeThroughput, is_dry)
    }

    /// Takes out what a request cost, or puts back what it cost less than it was charged.
    pub fn charge(&self, ask: Ask, cost: HalfUnits) {
        let Ask { direction, hash, now_micros } = ask;
        let lane = self.lane(direction);
        lane.main.charge(now_micros, cost);
        if lane.has_maximum.load(Relaxed) {
            lane.maximum.charge(now_micros, cost);
        }
        self.account.charge(direction, now_micros, cost);
        if let Some(hash) = hash {
            self.ranges.charge(direction, hash, self.servers.load(Relaxed), now_micros, cost);
        }
    }

    /// Whether it is paid by request.
    pub fn is_on_demand(&self) -> bool {
        self.is_on_demand.load(Relaxed)
    }

    /// What it holds beside ranges and account.
    pub fn holds(&self, direction: Direction, now_micros: u64) -> Option<HalfUnits> {
        self.lane(direction).main.holds(now_micros)
    }

    /// Its ranges.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// An on-demand table that grows too fast lacks ranges.
    fn main_reason(&self) -> Reason {
        if self.is_on_demand() { Reason::KeyRangeThroughput } else { Reason::ProvisionedThroughput }
    }

    fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }
}

impl Lane {
    fn order(&self, units: u64, servers: u64, now_micros: u64) {
        self.main.set_rate(ordered(units, servers), now_micros);
        self.has_maximum.store(false, Relaxed);
    }

    fn let_grow(&self, warm: u64, max: Option<u64>, servers: u64, now_micros: u64) {
        self.main.let_grow(warm, servers, now_micros);
        if let Some(max) = max {
            self.maximum.set_rate(Rate::per_second(max, 1).shared_by(servers), now_micros);
        }
        self.has_maximum.store(max.is_some(), Relaxed);
    }

    fn is_at_maximum(&self, now_micros: u64) -> bool {
        self.has_maximum.load(Relaxed) && !self.maximum.admits(now_micros)
    }
}

fn ordered(units: u64, servers: u64) -> Rate {
    Rate::per_second(units, BURST_SECONDS).shared_by(servers)
}
