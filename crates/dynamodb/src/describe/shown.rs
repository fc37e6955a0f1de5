//! How much of a change a description shows: the statuses, and old values while the change is under way.

use engine::Table;
use engine::table::{Change, Index, IndexStatus};

/// When a table is described.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Microseconds since the Unix epoch.
    pub now_micros: u64,
    /// Whether the description answers the table's latest change, which shows then.
    answers: bool,
}

impl Moment {
    /// At a time.
    pub fn at(now_micros: u64) -> Moment {
        Moment { now_micros, answers: false }
    }

    /// In the answer to a change.
    pub fn of_answer(now_micros: u64) -> Moment {
        Moment { now_micros, answers: true }
    }
}

/// A table as it shows.
pub(super) struct Shown {
    /// With old values where the new ones do not show yet.
    pub table: Table,
    pub creating: bool,
    updating: bool,
    /// Numbers of the indexes that are being updated.
    updating_indexes: Vec<u16>,
    /// The number of the index that room is made for.
    allocating_index: Option<u16>,
}

impl Shown {
    pub fn of(table: &Table, moment: Moment) -> Shown {
        let mut shown = Shown {
            table: table.clone(),
            creating: false,
            updating: table.indexes.iter().any(|index| index.status == IndexStatus::Deleting),
            updating_indexes: Vec::new(),
            allocating_index: None,
        };
        for transition in &table.settings.transitions {
            if moment.answers || transition.shows(moment.now_micros) {
                shown.take_back(&transition.change);
            }
        }
        shown
    }

    fn take_back(&mut self, change: &Change) {
        let settings = &mut self.table.settings;
        match change {
            Change::Creating => self.creating = true,
            Change::Throughput { throughput, warm } => {
                self.updating = true;
                (settings.throughput, settings.warm) = (*throughput, *warm);
            }
            Change::IndexThroughput { index: number, throughput, warm } => {
                self.updating_indexes.push(*number);
                let index = self.table.indexes.iter_mut().find(|index| index.number == *number);
                index.into_iter().for_each(|index| (index.throughput, index.warm) = (*throughput, *warm));
            }
            Change::Stream { .. } => self.updating = true,
            Change::IndexCreating { index } => {
                self.updating = true;
                self.allocating_index = Some(*index);
            }
            Change::TableClass { class, changed_micros } => {
                self.updating = true;
                (settings.table_class, settings.table_class_changed_micros) = (*class, *changed_micros);
            }
        }
    }

    pub fn status(&self) -> &'static str {
        match self {
            Shown { creating: true, .. } => "CREATING",
            Shown { updating: true, .. } => "UPDATING",
            _ => "ACTIVE",
        }
    }

    pub fn index_status(&self, index: &Index) -> &'static str {
        match index.status {
            IndexStatus::Backfilling => "CREATING",
            IndexStatus::Deleting => "DELETING",
            IndexStatus::Active if self.creating || self.is_allocating(index) => "CREATING",
            IndexStatus::Active if self.updating_indexes.contains(&index.number) => "UPDATING",
            IndexStatus::Active => "ACTIVE",
        }
    }

    /// Told only of an index that was added and is not ready: whether its building has begun.
    pub fn backfilling(&self, index: &Index) -> Option<bool> {
        if self.is_allocating(index) {
            return Some(false);
        }
        (index.status == IndexStatus::Backfilling).then_some(true)
    }

    fn is_allocating(&self, index: &Index) -> bool {
        self.allocating_index == Some(index.number)
    }
}
