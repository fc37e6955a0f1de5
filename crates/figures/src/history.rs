//! The minutes that are over, as many as the window holds.

use crate::TableNames;
use crate::minute::{Minute, Subject, Subjects};
use crate::shard::LATE_MINUTES_MAX;
use crate::totals::Totals;
use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;

/// How far back it reaches.
const MINUTES_MAX: u64 = 180;
/// What it may hold: some hundred bytes each. Beyond it the oldest minutes go.
const CELLS_MAX: usize = 200_000;

/// The minutes in order, and the names of the tables in them.
#[derive(Debug, Default)]
pub(crate) struct History {
    minutes: VecDeque<(u64, Subjects)>,
    names: BTreeMap<u32, Named>,
    cells: usize,
    /// Of the minutes that are over, those outside the window included.
    totals: Totals,
}

#[derive(Debug)]
struct Named {
    names: TableNames,
    last_minute: u64,
}

impl History {
    /// Keeps the names of a table, which is in use in this minute. Names of its former indexes stay.
    pub(crate) fn name(&mut self, table: u32, minute: u64, names: TableNames) {
        match self.names.get_mut(&table) {
            Some(known) => {
                known.names.indexes.extend(names.indexes);
                known.last_minute = known.last_minute.max(minute);
            }
            None => _ = self.names.insert(table, Named { names, last_minute: minute }),
        }
    }

    /// The names of a table in the window.
    pub(crate) fn names(&self, table: u32) -> Option<&TableNames> {
        self.names.get(&table).map(|known| &known.names)
    }

    /// Adds a part of a minute, and drops what is outside the window then.
    pub(crate) fn add(&mut self, minute: u64, part: Subjects) {
        self.count(&part);
        let newest = self.minutes.back().map_or(minute, |(newest, _)| minute.max(*newest));
        if part.is_empty() || minute + MINUTES_MAX <= newest {
            return;
        }
        let place = self.minutes.partition_point(|(known, _)| *known < minute);
        if self.minutes.get(place).is_none_or(|(known, _)| *known != minute) {
            self.minutes.insert(place, (minute, Subjects::new()));
        }
        for (subject, figures) in part {
            self.merge(place, subject, &figures);
        }
        self.shorten(newest);
    }

    /// The clock was set back to a minute, so a part is of a minute that has not come yet. It counts among the totals,
    /// and minutes that have not come yet are dropped.
    pub(crate) fn set_back(&mut self, minute: u64, part: &Subjects) {
        self.count(part);
        let is_set_back = self.minutes.back().is_some_and(|(newest, _)| *newest > minute + LATE_MINUTES_MAX);
        while is_set_back && self.minutes.back().is_some_and(|(newest, _)| *newest > minute) {
            let (_, subjects) = self.minutes.pop_back().expect("it has a back");
            self.cells -= subjects.values().map(Minute::cells).sum::<usize>();
        }
    }

    fn count(&mut self, part: &Subjects) {
        self.totals.add(part, |table| self.names.get(&table).map(|known| &known.names));
    }

    fn merge(&mut self, place: usize, subject: Subject, figures: &Minute) {
        let known = self.minutes[place].1.entry(subject).or_default();
        let before = if *known == Minute::default() { 0 } else { known.cells() };
        known.merge(figures);
        self.cells += known.cells() - before;
    }

    fn shorten(&mut self, newest: u64) {
        let mut has_changed = false;
        while let Some((oldest, _)) = self.minutes.front()
            && (oldest + MINUTES_MAX <= newest || self.cells > CELLS_MAX)
        {
            let (_, subjects) = self.minutes.pop_front().expect("it has a front");
            self.cells -= subjects.values().map(Minute::cells).sum::<usize>();
            has_changed = true;
        }
        let oldest = self.minutes.front().map_or(newest, |(oldest, _)| *oldest);
        if has_changed {
            self.names.retain(|_, named| named.last_minute >= oldest);
            self.totals.retain_tables(self.names.values().map(|named| &named.names));
        }
    }

    /// What the minutes that are over add up to.
    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The minutes within a range.
    pub(crate) fn within(&self, range: &RangeInclusive<u64>) -> impl Iterator<Item = (u64, &Subjects)> {
        let minutes = self.minutes.iter().filter(|(minute, _)| range.contains(minute));
        minutes.map(|(minute, subjects)| (*minute, subjects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn names() -> TableNames {
        let name = Arc::<str>::from("x");
        TableNames {
            account: Arc::clone(&name),
            region: Arc::clone(&name),
            table: name,
            indexes: BTreeMap::new(),
        }
    }

    fn part(tables: u32) -> Subjects {
        let one = || {
            let mut minute = Minute::default();
            minute.operation_mut("GetItem").latency.add(1.0);
            minute
        };
        (0..tables).map(|table| (Subject::Table(table), one())).collect()
    }

    fn kept(history: &History) -> Vec<u64> {
        history.within(&(0..=u64::MAX)).map(|(minute, _)| minute).collect()
    }

    #[test]
    fn minutes_in_any_order_within_the_window() {
        let mut history = History::default();
        history.name(0, 1_000, names());
        for minute in [1_001, 1_000, 1_001, 1_000 + MINUTES_MAX] {
            history.add(minute, part(1));
        }
        assert_eq!(kept(&history), [1_001, 1_180]);
        assert!(history.names(0).is_none(), "its last minute is gone");
        history.add(1_000, part(1));
        assert_eq!(kept(&history), [1_001, 1_180], "too late");
        assert_eq!(history.cells, 4);
        let (_, subjects) = history.within(&(1_001..=1_001)).next().expect("it is there");
        assert_eq!(subjects[&Subject::Table(0)].operations[0].latency.samples, 2);
    }

    #[test]
    fn a_clock_that_is_set_back_takes_what_has_not_come_yet_with_it() {
        let mut history = History::default();
        for minute in [1_000, 1_001, 1_100] {
            history.add(minute, part(1));
        }
        history.set_back(1_090, &part(1)); // behind by little
        assert_eq!(kept(&history), [1_000, 1_001, 1_100]);
        history.set_back(1_000, &part(1));
        history.add(1_002, part(2));
        assert_eq!(kept(&history), [1_000, 1_002]);
        assert_eq!(history.cells, 6);
    }

    #[test]
    fn memory_is_bounded() {
        let mut history = History::default();
        for minute in 0..20 {
            history.add(minute, part(10_000));
        }
        assert!(history.cells <= CELLS_MAX);
        assert_eq!(kept(&history), (10..20).collect::<Vec<_>>());
    }
}
