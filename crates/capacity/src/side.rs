//! A table or a global index: everything that one of them is limited by.

use crate::bucket::Rate;
use crate::limits::{BURST_SECONDS, SideLimits, Throughput};
use crate::meter::Meter;
use crate::ranges::Ranges;
use crate::{Account, Direction, HalfUnits, Reason, Reasons, Share};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

/// What a range of an index may owe.
const OWED_MICROS_MAX: u64 = 1_000_000;

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

/// What the buckets of a side hold to begin with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Began {
    /// A second's units at that time, and what has flowed in since.
    Since(u64),
    /// What they held at an earlier time, and what has flowed in since.
    With(Held),
}

/// What a side holds at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// The time.
    pub at_micros: u64,
    /// Of reads.
    pub read: HeldLane,
    /// Of writes.
    pub write: HeldLane,
}

impl Held {
    /// What two servers hold together.
    pub fn and(&self, other: &Held) -> Held {
        let at_micros = self.at_micros.max(other.at_micros);
        Held { at_micros, read: self.read.and(&other.read), write: self.write.and(&other.write) }
    }
}

impl HeldLane {
    fn and(&self, other: &HeldLane) -> HeldLane {
        HeldLane {
            held: HalfUnits(self.held.0.saturating_add(other.held.0)),
            settled_half_units: self.settled_half_units.saturating_add(other.settled_half_units),
            peak_half_units: self.peak_half_units.saturating_add(other.peak_half_units),
        }
    }
}

/// What a side holds of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldLane {
    /// What can be spent; less than nothing is debt.
    pub held: HalfUnits,
    /// The highest second of earlier half hours, in half units: what on-demand capacity grows by.
    pub settled_half_units: u64,
    /// The highest second of the half hour.
    pub peak_half_units: u64,
}

/// The buckets of a table or a global index.
#[derive(Debug)]
pub struct Side {
    account: Arc<Account>,
    /// Of all servers; changes of it and of the shares are made one behind the other.
    throughput: Mutex<Throughput>,
    is_on_demand: AtomicBool,
    read: Lane,
    write: Lane,
    ranges: Ranges,
    /// Until when a range owes more than a second of writes that were made behind those of the table.
    is_behind_until_micros: AtomicU64,
}

/// One direction.
#[derive(Debug)]
struct Lane {
    /// What was ordered, or what the table has grown to.
    main: Meter,
    /// The maximum in on-demand mode, and whether there is one.
    maximum: Meter,
    has_maximum: AtomicBool,
    /// This server's, in millionths.
    share: AtomicU32,
}

impl Side {
    pub(crate) fn new(account: &Arc<Account>, limits: SideLimits, now_micros: u64) -> Side {
        let SideLimits { throughput, share, began } = limits;
        let (read, write) = match throughput {
            Throughput::Provisioned { read, write } => (read, write),
            Throughput::OnDemand { warm_read, warm_write, .. } => (warm_read, warm_write),
        };
        let since = match began {
            Began::Since(at_micros) => at_micros,
            Began::With(held) => held.at_micros,
        };
        let side = Side {
            account: Arc::clone(account),
            throughput: Mutex::new(throughput),
            is_on_demand: AtomicBool::new(false),
            read: Lane::new(read, share, since),
            write: Lane::new(write, share, since),
            ranges: Ranges::default(),
            is_behind_until_micros: AtomicU64::new(0),
        };
        side.configure(throughput, now_micros);
        if let Began::With(held) = began {
            side.read.resume(&held.read, held.at_micros);
            side.write.resume(&held.write, held.at_micros);
            side.configure(throughput, now_micros);
        }
        side
    }

    /// The limits are others now.
    pub(crate) fn configure(&self, throughput: Throughput, now_micros: u64) {
        let mut current = self.throughput.lock();
        *current = throughput;
        self.apply(throughput, now_micros);
    }

    /// This server's part of one direction is another now.
    pub fn share(&self, direction: Direction, share: Share, now_micros: u64) {
        let current = self.throughput.lock();
        self.lane(direction).share.store(share.millionths(), Relaxed);
        self.apply(*current, now_micros);
    }

    fn apply(&self, throughput: Throughput, now_micros: u64) {
        match throughput {
            Throughput::Provisioned { read, write } => {
                self.is_on_demand.store(false, Relaxed);
                self.read.order(read, now_micros);
                self.write.order(write, now_micros);
                self.ranges.fit(read, write);
            }
            Throughput::OnDemand { warm_read, warm_write, max_read, max_write } => {
                self.is_on_demand.store(true, Relaxed);
                self.read.let_grow(warm_read, max_read, now_micros);
                self.write.let_grow(warm_write, max_write, now_micros);
                self.ranges.fit(warm_read, warm_write);
            }
        }
    }

    /// What was asked for since the last call, in half units.
    pub fn take_demand(&self, direction: Direction) -> u64 {
        self.lane(direction).main.take_demand()
    }

    /// How far the other servers have grown together: their highest seconds of earlier half hours, in half units.
    pub fn set_others_peak(&self, direction: Direction, half_units: u64) {
        self.lane(direction).main.growth().lock().set_others(half_units);
    }

    /// What it holds now.
    pub fn held(&self, now_micros: u64) -> Held {
        let (read, write) = (self.read.held(now_micros), self.write.held(now_micros));
        Held { at_micros: now_micros, read, write }
    }

    /// Whatever it holds is another server's now.
    pub fn spend(&self, now_micros: u64) {
        for lane in [&self.read, &self.write] {
            lane.main.hold(HalfUnits(0), now_micros);
        }
    }

    /// Takes over what a server had that is gone.
    pub fn inherit(&self, held: &Held, now_micros: u64) {
        let current = self.throughput.lock();
        self.read.inherit(&held.read, now_micros);
        self.write.inherit(&held.write, now_micros);
        self.apply(*current, now_micros);
    }

    /// Which limits are reached; none: the request is admitted. Charges nothing.
    pub fn refusals(&self, ask: Ask) -> Reasons {
        let Ask { direction, hash, now_micros } = ask;
        let lane = self.lane(direction);
        let is_dry = !lane.main.admits(now_micros);
        let main = if is_dry { self.main_reason(lane) } else { Reason::ProvisionedThroughput };
        let reached = Reasons::default()
            .with(main, is_dry)
            .with(Reason::MaxOnDemandThroughput, lane.is_at_maximum(now_micros))
            .with(Reason::AccountLimit, !self.account.admits(direction, now_micros));
        let Some(hash) = hash else {
            let is_behind = direction == Direction::Write && self.is_behind(now_micros);
            return reached.with(Reason::KeyRangeThroughput, is_behind);
        };
        let is_dry = !self.ranges.admits(direction, hash, lane.share(), now_micros);
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
            self.ranges.charge(direction, hash, lane.share(), now_micros, cost);
        }
    }

    /// Takes out what a write of the table cost here. Which keys of an index a write is for is known once it is done,
    /// so a range may owe; one that owes more than a second holds up all writes of the table until that is paid.
    pub fn charge_derived(&self, ask: Ask, cost: HalfUnits) {
        self.charge(ask, cost);
        let Some(hash) = ask.hash else { return };
        let share = self.lane(ask.direction).share();
        let until = self.ranges.owes_until(ask.direction, hash, share, ask.now_micros);
        if until > ask.now_micros + OWED_MICROS_MAX {
            self.is_behind_until_micros.fetch_max(until, Relaxed);
            self.ranges.note_dry(hash, ask.now_micros);
        }
    }

    /// A longer time than any debt takes can only be a clock that was set back.
    fn is_behind(&self, now_micros: u64) -> bool {
        let until = self.is_behind_until_micros.load(Relaxed);
        until > now_micros && until - now_micros < BURST_SECONDS * 1_000_000
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

    /// An on-demand table that grows too fast lacks ranges; one that cannot grow any more has its account's quota.
    fn main_reason(&self, lane: &Lane) -> Reason {
        match self.is_on_demand() {
            false => Reason::ProvisionedThroughput,
            true if lane.main.is_at_quota() => Reason::AccountLimit,
            true => Reason::KeyRangeThroughput,
        }
    }

    fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }
}

impl Lane {
    fn new(units: u64, share: Share, since_micros: u64) -> Lane {
        Lane {
            main: Meter::since(since_micros, Rate::per_second(units, BURST_SECONDS).part(share)),
            maximum: Meter::since(0, Rate::UNLIMITED),
            has_maximum: AtomicBool::new(false),
            share: AtomicU32::new(share.millionths()),
        }
    }

    fn share(&self) -> Share {
        Share::from_millionths(self.share.load(Relaxed))
    }

    fn order(&self, units: u64, now_micros: u64) {
        self.main.set_rate(Rate::per_second(units, BURST_SECONDS).part(self.share()), now_micros);
        self.has_maximum.store(false, Relaxed);
    }

    fn let_grow(&self, warm: u64, max: Option<u64>, now_micros: u64) {
        self.main.let_grow(warm, self.share(), now_micros);
        if let Some(max) = max {
            self.maximum.set_rate(Rate::per_second(max, 1).part(self.share()), now_micros);
        }
        self.has_maximum.store(max.is_some(), Relaxed);
    }

    fn held(&self, now_micros: u64) -> HeldLane {
        let (settled_half_units, peak_half_units) = self.main.growth().lock().peaks_at(now_micros);
        let held = self.main.holds(now_micros).unwrap_or_default();
        HeldLane { held, settled_half_units, peak_half_units }
    }

    fn resume(&self, held: &HeldLane, at_micros: u64) {
        let peaks = (held.settled_half_units, held.peak_half_units);
        self.main.growth().lock().resume(peaks, at_micros);
        self.main.hold(held.held, at_micros);
    }

    fn inherit(&self, held: &HeldLane, now_micros: u64) {
        self.main.growth().lock().inherit(held.settled_half_units.max(held.peak_half_units));
        let sum = self.main.holds(now_micros).unwrap_or_default().0.saturating_add(held.held.0);
        self.main.hold(HalfUnits(sum), now_micros);
    }

    fn is_at_maximum(&self, now_micros: u64) -> bool {
        self.has_maximum.load(Relaxed) && !self.maximum.admits(now_micros)
    }
}
