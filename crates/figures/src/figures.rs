//! The registry of one server.

use crate::history::History;
use crate::hot_keys::HotKeys;
use crate::metric::Metric;
use crate::minute::{Facet, Minute, Subject, Subjects};
use crate::series::{Point, SeriesId};
use crate::shard::Shards;
use crate::tally::Tally;
use crate::totals::{Sums, Total};
use crate::{TableNames, minute_of, series};
use parking_lot::{Mutex, MutexGuard};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use stdx::Clock;

/// The figures of a server, shared by everything that records and reads them.
pub struct Figures {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) shards: Shards,
    pub(crate) history: Mutex<History>,
    /// Keys that are accessed and throttled most, of tables that ask for it.
    pub hot_keys: HotKeys,
}

impl Figures {
    /// No figures yet. Requests end by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Figures { clock, shards: Shards::default(), history: Mutex::default(), hot_keys: HotKeys::default() }
    }

    /// The notes of a request that begins now, in microseconds since the Unix epoch.
    pub fn begin(&self, now_micros: u64) -> Tally<'_> {
        Tally::begin(self, now_micros)
    }

    /// Counts a request that was refused before its operation was known: a foreign host, a body that never came, an
    /// unknown target.
    pub fn refuse(&self, reason: &'static str) {
        let minute = minute_of(self.clock.now_micros());
        let mut shard = self.shards.at(Shards::mine(), minute, &self.history);
        shard.subject(Subject::Server).refuse(reason, 1);
    }

    /// Time to live has deleted items of a table. `names` is called as [`Tally::table`] calls it.
    pub fn expired(&self, table: u32, version: u64, names: impl FnOnce() -> TableNames, items: u64) {
        self.note(table, version, names, |minute| minute.expired_items += items);
    }

    /// An index is being built: its number, how many of a hundred items it has by now, and the write units of the
    /// entries since the last time.
    pub fn index_built(
        &self,
        table: u32,
        version: u64,
        names: impl FnOnce() -> TableNames,
        (index, percent, write_units): (u16, f64, u64),
    ) {
        self.note(table, version, names, |minute| minute.build_mut(index).add(percent, write_units));
    }

    /// Changes of a table were handed over to a stream: so many units of change data, the oldest so many milliseconds
    /// behind its change.
    pub fn handed_over(
        &self,
        table: u32,
        version: u64,
        names: impl FnOnce() -> TableNames,
        (units, age_millis): (u64, f64),
    ) {
        self.note(table, version, names, |minute| {
            let mut add = |metric, value| minute.facet_mut(metric, &Facet::ChangeDataCapture).add(value);
            add(Metric::ConsumedChangeDataCaptureUnits, units as f64);
            add(Metric::AgeOfOldestUnreplicatedRecord, age_millis);
        });
    }

    /// So many changes of a table could not be handed over, and wait; which metric says why.
    pub fn not_handed_over(
        &self,
        table: u32,
        version: u64,
        names: impl FnOnce() -> TableNames,
        metric: Metric,
        records: usize,
    ) {
        self.note(table, version, names, |minute| {
            minute.facet_mut(metric, &Facet::ChangeDataCapture).add(records as f64);
        });
    }

    /// Changes of a table were brought to its replica in another region: so many milliseconds after the oldest of them
    /// was made, where there were any, and so many wait.
    pub fn replicated(
        &self,
        table: u32,
        version: u64,
        names: impl FnOnce() -> TableNames,
        region: &str,
        (latency_millis, pending): (Option<f64>, usize),
    ) {
        let facet = Facet::ReceivingRegion(region.into());
        self.note(table, version, names, |minute| {
            minute.facet_mut(Metric::PendingReplicationCount, &facet).add(pending as f64);
            if let Some(millis) = latency_millis {
                minute.facet_mut(Metric::ReplicationLatency, &facet).add(millis);
            }
        });
    }

    fn note(
        &self,
        table: u32,
        version: u64,
        names: impl FnOnce() -> TableNames,
        note: impl FnOnce(&mut Minute),
    ) {
        let minute = minute_of(self.clock.now_micros());
        if self.shards.at(Shards::mine(), minute, &self.history).lacks_names(table, version) {
            self.history.lock().name(table, minute, names());
        }
        note(self.shards.at(Shards::mine(), minute, &self.history).subject(Subject::Table(table)));
    }

    /// Every series of an account and region that has data within the minutes, in order.
    pub fn series(&self, account: &str, region: &str, minutes: RangeInclusive<u64>) -> Vec<SeriesId> {
        let mut found = BTreeSet::new();
        self.visit(&minutes, |history, _, subject, figures| {
            let Some(owner) = series::owner(subject, history) else { return };
            if owner.is(account, region) {
                series::each(&owner, figures, &mut |id, _| _ = found.insert(id));
            }
        });
        found.into_iter().collect()
    }

    /// Hands the points of every series within the minutes to `see`: several of one series and minute may come, which
    /// merge.
    pub fn each_point(&self, minutes: RangeInclusive<u64>, mut see: impl FnMut(u64, SeriesId, Point)) {
        self.visit(&minutes, |history, minute, subject, figures| {
            if let Some(owner) = series::owner(subject, history) {
                series::each(&owner, figures, &mut |id, point| see(minute, id, point));
            }
        });
    }

    /// The points of a series within the minutes, oldest first: one for each minute that has data.
    pub fn points(&self, wanted: &SeriesId, minutes: RangeInclusive<u64>) -> Vec<(u64, Point)> {
        let mut points = BTreeMap::<u64, Point>::new();
        self.visit(&minutes, |history, minute, subject, figures| {
            let Some(owner) = series::owner(subject, history) else { return };
            if owner.is(&wanted.account, &wanted.region) && owner.table() == wanted.table.as_ref() {
                series::each(&owner, figures, &mut |id, point| {
                    if id == *wanted {
                        points.entry(minute).or_default().merge(&point);
                    }
                });
            }
        });
        points.into_iter().collect()
    }

    /// How many requests were refused before their operation was known, by reason, within the minutes.
    pub fn refused(&self, minutes: RangeInclusive<u64>) -> BTreeMap<&'static str, u64> {
        let mut refused = BTreeMap::new();
        self.visit(&minutes, |_, _, _, figures| {
            for (reason, count) in &figures.refused {
                *refused.entry(*reason).or_default() += count;
            }
        });
        refused
    }

    /// What every subject has had since the server started.
    pub fn totals(&self) -> BTreeMap<Total, Sums> {
        let (history, current) = self.snapshot(&(0..=u64::MAX));
        let mut totals = history.totals().clone();
        current.iter().for_each(|(_, part)| totals.add(part, |table| history.names(table)));
        totals.into_sums()
    }

    /// A minute is visited in parts: what shards have of it, and what they have handed to the history.
    fn visit(&self, minutes: &RangeInclusive<u64>, mut see: impl FnMut(&History, u64, &Subject, &Minute)) {
        let (history, current) = self.snapshot(minutes);
        for (minute, subjects) in history.within(minutes).chain(current.iter().map(|(m, s)| (*m, s))) {
            subjects.iter().for_each(|(subject, figures)| see(&history, minute, subject, figures));
        }
    }

    /// The history, and copies of the shards at the same moment: requests wait only while the copies are made.
    fn snapshot(&self, minutes: &RangeInclusive<u64>) -> (MutexGuard<'_, History>, Vec<(u64, Subjects)>) {
        let shards = self.shards.hold();
        let within = shards.iter().filter(|shard| minutes.contains(&shard.minute()));
        let current = within.map(|shard| (shard.minute(), shard.subjects().clone())).collect();
        (self.history.lock(), current)
    }
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Figures").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
