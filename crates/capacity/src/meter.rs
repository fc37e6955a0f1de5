//! A bucket that many threads charge: each takes a small credit in advance, so that they do not contend for one number.

use crate::HalfUnits;
use crate::bucket::{Bucket, Rate};
use crate::growth::Growth;
use parking_lot::{Mutex, RwLock};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};

/// How many credits there are. Threads are assigned to them in turn.
const CREDITS: usize = 8;
/// A credit is at most what flows in within this time, so that all of them are a second's.
const CREDIT_MILLIS: u64 = 1_000 / CREDITS as u64;
/// And at most this part of what the bucket holds, so that one that is nearly empty is exact.
const CREDIT_PART: i64 = 2 * CREDITS as i64;

/// A bucket with credits.
#[derive(Debug)]
pub struct Meter {
    /// Changes with the table; read where a credit is used up.
    central: RwLock<Central>,
    bucket: Bucket,
    growth: Mutex<Growth>,
    credits: [Credit; CREDITS],
}

#[derive(Debug, Clone, Copy)]
struct Central {
    rate: Rate,
    /// Where the rate follows the traffic: how many servers have a part of it.
    grows_by: Option<u64>,
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
            credits: Default::default(),
        }
    }

    /// Another rate, which stays.
    pub fn set_rate(&self, rate: Rate, now_micros: u64) {
        self.change(Central { rate, grows_by: None }, now_micros);
    }

    /// This many units a second, and more as traffic grows; one server of so many has its part.
    pub(crate) fn let_grow(&self, floor: u64, servers: u64, now_micros: u64) {
        self.growth.lock().set_floor(floor);
        self.change(self.grown(servers, now_micros), now_micros);
    }

    fn grown(&self, servers: u64, now_micros: u64) -> Central {
        let units = self.growth.lock().units_at(now_micros);
        Central { rate: Rate::per_second(units, 1).shared_by(servers), grows_by: Some(servers) }
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
        part > 0 || self.bucket.admits(rate, now_micros)
    }

    /// What the table has grown to counts from the next credit on.
    fn central_at(&self, now_micros: u64) -> Central {
        let central = *self.central.read();
        let Some(servers) = central.grows_by else { return central };
        let grown = self.grown(servers, now_micros);
        if grown.rate != central.rate {
            self.change(grown, now_micros);
        }
        grown
    }

    fn take(&self, central: Central, now_micros: u64, half_units: i64) {
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
