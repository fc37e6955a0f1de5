//! A bucket that many threads charge: each takes a small credit in advance, so that they do not contend for one number.

use crate::bucket::{Bucket, Rate};
use crate::growth::{Growth, QUOTA_UNITS};
use crate::{HalfUnits, Share};
use parking_lot::{Mutex, RwLock};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// How many credits there are. Threads are assigned to them in turn.
const CREDITS: usize = 8;
/// A credit is at most what flows in within this time, so that all of them are a second's.
const CREDIT_MILLIS: u64 = 1_000 / CREDITS as u64;
/// And at most this part of what the bucket holds, so that one that is nearly empty is exact.
const CREDIT_PART: i64 = 2 * CREDITS as i64;
/// What a refused request counts as in the demand: what it would have cost is not known.
const REFUSED_HALF_UNITS: u64 = 2;

/// A bucket with credits.
#[derive(Debug)]
pub struct Meter {
    /// Changes with the table; read where a credit is used up.
    central: RwLock<Central>,
    bucket: Bucket,
    growth: Mutex<Growth>,
    /// What was asked for since somebody looked, in half units: what was given in credits, and what was refused.
    demand: AtomicU64,
    credits: [Credit; CREDITS],
}

#[derive(Debug, Clone, Copy)]
struct Central {
    rate: Rate,
    /// Where the rate follows the traffic: this server's part of it.
    grows_by: Option<Share>,
}

/// What was taken out of the bucket and is not spent. On a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Credit(AtomicI64);

impl Meter {
    /// A meter whose bucket held a second's units at a time.
    pub fn since(since_micros: u64, rate: Rate) -> Meter {
        Meter {
            central: RwLock::new(Central { rate, grows_by: None }),
            bucket: Bucket::since(since_micros, rate),
            growth: Mutex::default(),
            demand: AtomicU64::new(0),
            credits: Default::default(),
        }
    }

    /// Another rate, which stays.
    pub fn set_rate(&self, rate: Rate, now_micros: u64) {
        self.change(Central { rate, grows_by: None }, now_micros);
    }

    /// This many units a second, and more as traffic grows; this server has its part.
    pub(crate) fn let_grow(&self, floor: u64, share: Share, now_micros: u64) {
        self.growth.lock().set_floor(floor);
        self.change(self.grown(share, now_micros), now_micros);
    }

    fn grown(&self, share: Share, now_micros: u64) -> Central {
        let units = self.growth.lock().units_at(now_micros);
        Central { rate: Rate::per_second(units, 1).part(share), grows_by: Some(share) }
    }

    /// Whether it has grown as far as a table may.
    pub(crate) fn is_at_quota(&self) -> bool {
        let central = *self.central.read();
        central.grows_by.is_some_and(|share| central.rate == Rate::per_second(QUOTA_UNITS, 1).part(share))
    }

    /// What was asked for since the last call.
    pub(crate) fn take_demand(&self) -> u64 {
        self.demand.swap(0, Relaxed)
    }

    /// How far it has grown: see [`Growth`].
    pub(crate) fn growth(&self) -> &Mutex<Growth> {
        &self.growth
    }

    /// Makes it hold this much.
    pub(crate) fn hold(&self, held: HalfUnits, at_micros: u64) {
        let rate = self.rate();
        if rate.is_limited() {
            self.reclaim();
            self.bucket.hold(rate, held, at_micros);
        }
    }

    fn change(&self, to: Central, now_micros: u64) {
        let mut central = self.central.write();
        if central.rate != to.rate {
            self.bucket.charge(central.rate, now_micros, HalfUnits(-self.reclaim()));
            self.bucket.change_rate(central.rate, to.rate, now_micros);
        }
        *central = to;
    }

    /// Whether it holds anything.
    pub fn admits(&self, now_micros: u64) -> bool {
        self.admits_by(mine(), now_micros)
    }

    /// The same by a credit.
    pub fn admits_by(&self, credit: usize, now_micros: u64) -> bool {
        self.credits[credit % CREDITS].0.load(Relaxed) > 0 || self.draw(credit % CREDITS, now_micros)
    }

    /// Takes this much out, or puts it back if it is negative.
    pub fn charge(&self, now_micros: u64, cost: HalfUnits) {
        self.charge_by(mine(), now_micros, cost);
    }

    /// The same by a credit.
    pub fn charge_by(&self, credit: usize, now_micros: u64, cost: HalfUnits) {
        let credit = &self.credits[credit % CREDITS].0;
        if cost.0 < 0 {
            // Into the bucket, which is bounded.
            self.bucket.charge(self.rate(), now_micros, cost);
        } else if credit.fetch_sub(cost.0, Relaxed) < cost.0 {
            let owed = -credit.swap(0, Relaxed);
            let central = *self.central.read();
            self.take(central, now_micros, owed);
            if !self.bucket.admits(central.rate, now_micros) {
                // Credits pay debts before they are spent.
                self.bucket.charge(central.rate, now_micros, HalfUnits(-self.reclaim()));
            }
        }
    }

    /// What it holds with all credits; `None` without a limit.
    pub fn holds(&self, now_micros: u64) -> Option<HalfUnits> {
        let rate = self.rate();
        let credits: i64 = self.credits.iter().map(|credit| credit.0.load(Relaxed)).sum();
        rate.is_limited().then(|| HalfUnits(self.bucket.holds(rate, now_micros).0 + credits))
    }

    /// How fast it fills.
    pub fn rate(&self) -> Rate {
        self.central.read().rate
    }

    /// Takes a new credit out of the bucket. The last that there is is collected from all credits.
    fn draw(&self, credit: usize, now_micros: u64) -> bool {
        let central = self.central_at(now_micros);
        let rate = central.rate;
        if !rate.is_limited() {
            return true;
        }
        if !self.bucket.admits(rate, now_micros) {
            self.bucket.charge(rate, now_micros, HalfUnits(-self.reclaim()));
        }
        let held = self.bucket.holds(rate, now_micros).0;
        let part = (held / CREDIT_PART).min(rate.within_millis(CREDIT_MILLIS).0);
        if part > 0 {
            self.take(central, now_micros, part);
            self.credits[credit].0.fetch_add(part, Relaxed);
        }
        let admits = part > 0 || self.bucket.admits(rate, now_micros);
        if !admits {
            self.demand.fetch_add(REFUSED_HALF_UNITS, Relaxed);
        }
        admits
    }

    /// What the table has grown to counts from the next credit on.
    fn central_at(&self, now_micros: u64) -> Central {
        let central = *self.central.read();
        let Some(share) = central.grows_by else { return central };
        let grown = self.grown(share, now_micros);
        if grown.rate != central.rate {
            self.change(grown, now_micros);
        }
        grown
    }

    fn take(&self, central: Central, now_micros: u64, half_units: i64) {
        self.demand.fetch_add(half_units.max(0) as u64, Relaxed);
        if central.grows_by.is_some() && half_units > 0 {
            self.growth.lock().note(now_micros, half_units as u64);
        }
        self.bucket.charge(central.rate, now_micros, HalfUnits(half_units));
    }

    /// Takes all credits back.
    fn reclaim(&self) -> i64 {
        let unspent = |credit: &Credit| match credit.0.load(Relaxed) {
            0 => 0,
            _ => credit.0.swap(0, Relaxed),
        };
        self.credits.iter().map(unspent).sum()
    }
}

/// The credit of this thread.
fn mine() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static MINE: usize = NEXT.fetch_add(1, Relaxed));
    MINE.with(|mine| *mine)
}
