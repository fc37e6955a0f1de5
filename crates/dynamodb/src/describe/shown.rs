//! How much of a change a description shows: the statuses, and old values while the change is under way.

use engine::Table;
use engine::table::{Change, Index, IndexStatus, OnDemandThroughput};

/// When a table is described.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Microseconds since the Unix epoch.
    pub now_micros: u64,
    /// Whether the description answers the table's latest change, which shows then.
    answers: bool,
    /// Since when the table's key cannot be used.
    pub locked_micros: Option<u64>,
}

impl Moment {
    /// At a time.
    pub fn at(now_micros: u64) -> Moment {
        Moment { now_micros, answers: false, locked_micros: None }
    }

    /// In the answer to a change.
    pub fn of_answer(now_micros: u64) -> Moment {
        Moment { now_micros, answers: true, locked_micros: None }
    }

    /// The same of a table whose key cannot be used since then.
    pub fn locked_since(self, locked_micros: Option<u64>) -> Moment {
        Moment { locked_micros, ..self }
    }
}

/// A table as it shows.
pub(super) struct Shown {
    /// With old values where the new ones do not show yet.
    pub table: Table,
    pub creating: bool,
    updating: bool,
    /// Since when the table's key cannot be used.
    pub locked_micros: Option<u64>,
    pub warming: bool,
    /// The maximum in on-demand mode, where the shown one differs from the set one.
    told_on_demand: Option<OnDemandThroughput>,
    /// Whether encryption is being changed; from what, is in the table.
    pub encrypting: bool,
    /// Numbers of the indexes that are being updated.
    updating_indexes: Vec<u16>,
    /// Numbers of the indexes whose warm throughput is being raised.
    warming_indexes: Vec<u16>,
    /// The number of the index that room is made for.
    allocating_index: Option<u16>,
}

impl Shown {
    pub fn of(table: &Table, moment: Moment) -> Shown {
        let mut shown = Shown {
            table: table.clone(),
            creating: table.settings.is_being_filled(),
            updating: table.indexes.iter().any(|index| index.status == IndexStatus::Deleting),
            locked_micros: moment.locked_micros,
            warming: false,
            told_on_demand: None,
            encrypting: table.settings.sealing.as_ref().is_some_and(|sealing| sealing.is_rekeying),
            updating_indexes: Vec::new(),
            warming_indexes: Vec::new(),
            allocating_index: None,
        };
        // Backwards, so that of a value that was changed twice the first one shows.
        for transition in table.settings.transitions.iter().rev() {
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
            Change::WarmThroughput { warm } => {
                self.warming = true;
                settings.warm = *warm;
            }
            Change::OnDemandThroughput { told } => {
                self.told_on_demand.get_or_insert(*told);
            }
            Change::TableClass { class, changed_micros } => {
                self.updating = true;
                (settings.table_class, settings.table_class_changed_micros) = (*class, *changed_micros);
            }
            Change::Encryption { sse } => {
                self.encrypting = true;
                settings.sse.clone_from(sse);
            }
            Change::Stream { .. } | Change::IndexDeleting { .. } => self.updating = true,
            Change::IndexCreating { index } => {
                self.updating = true;
                self.allocating_index = Some(*index);
            }
            Change::IndexThroughput { index, throughput, on_demand, warm } => {
                self.updating_indexes.push(*index);
                if let Some(index) = self.index_mut(*index) {
                    (index.throughput, index.on_demand, index.warm) = (*throughput, *on_demand, *warm);
                }
            }
            Change::IndexWarmThroughput { index, warm } => {
                self.warming_indexes.push(*index);
                self.index_mut(*index).into_iter().for_each(|index| index.warm = *warm);
            }
        }
    }

    fn index_mut(&mut self, number: u16) -> Option<&mut Index> {
        self.table.indexes.iter_mut().find(|index| index.number == number)
    }

    pub fn status(&self) -> &'static str {
        match self {
            Shown { creating: true, .. } => "CREATING",
            Shown { locked_micros: Some(_), .. } => "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
            Shown { updating: true, .. } => "UPDATING",
            _ => "ACTIVE",
        }
    }

    pub fn on_demand(&self) -> Option<OnDemandThroughput> {
        self.told_on_demand.or(self.table.settings.on_demand)
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

    /// Whether warm throughput of an index is on its way.
    pub fn is_warming(&self, index: &Index) -> bool {
        self.warming_indexes.contains(&index.number) || self.index_status(index) == "CREATING"
    }

    /// Shown only for an index that was added and is not ready: whether its build has started.
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
