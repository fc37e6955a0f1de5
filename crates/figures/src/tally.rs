//! What one request does, noted while it is served.

use crate::TableNames;
use crate::figures::Figures;
use crate::metric::Metric;
use crate::minute::{Capacity, Facet, Fault, Minute, Operation, Subject, Throttle};
use crate::minute_of;
use crate::shard::Shards;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::sync::Arc;

/// The notes of one request. They are recorded once, when it ends; those of a cancelled request are lost.
#[derive(Debug)]
pub struct Tally<'f> {
    figures: &'f Figures,
    shard: usize,
    began_micros: u64,
    /// Nearly always one. The lock is never contended: it lets a call note things through a shared reference.
    tables: Mutex<SmallVec<[Table; 1]>>,
}

/// What the request did to one table.
#[derive(Debug, Default)]
struct Table {
    id: u32,
    /// By number of the index; 0 is the table.
    units: SmallVec<[Units; 1]>,
    throttles: Vec<Throttle>,
    returned_items: Option<u64>,
    /// Records and bytes of a stream.
    returned_records: Option<(Facet, usize, usize)>,
    item_bytes: u64,
    condition_failures: u64,
    conflicts: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Units {
    index: u16,
    read: f64,
    write: f64,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Failed {
        /// The name of the error, such as `ValidationException`.
        error: &'static str,
        /// Whose fault it was.
        fault: Fault,
    },
}

/// The end of a request.
struct End<'a> {
    operation: &'static str,
    caller: (&'a Arc<str>, &'a Arc<str>),
    latency_micros: u64,
    outcome: Outcome,
}

/// Each note names its table by the number, which [`Tally::table`] must have been given before.
impl<'f> Tally<'f> {
    /// The notes of a request that begins now.
    pub(crate) fn begin(figures: &'f Figures, began_micros: u64) -> Self {
        Tally { figures, shard: Shards::mine(), began_micros, tables: Mutex::default() }
    }

    /// The request uses this table. `names` is called where they are not recorded for this minute and this
    /// `version` of the table.
    pub fn table(&self, table: u32, version: u64, names: impl FnOnce() -> TableNames) {
        let minute = minute_of(self.began_micros);
        let history = &self.figures.history;
        let lacks_names = self.figures.shards.at(self.shard, minute, history).lacks_names(table, version);
        if lacks_names {
            history.lock().name(table, minute, names());
        }
        self.with(table, |_| {});
    }

    /// The request consumed read units of the table (index 0) or of a global index.
    pub fn consumed_read(&self, table: u32, index: u16, units: f64) {
        self.with(table, |noted| noted.units(index).read += units);
    }

    /// The request consumed write units of the table (index 0) or of a global index.
    pub fn consumed_write(&self, table: u32, index: u16, units: f64) {
        self.with(table, |noted| noted.units(index).write += units);
    }

    /// The request, or a member of its batch, found limits reached.
    pub fn throttled(&self, table: u32, throttle: Throttle) {
        self.with(table, |noted| noted.throttles.push(throttle));
    }

    /// Query or Scan returned this many items.
    pub fn returned_items(&self, table: u32, items: usize) {
        self.with(table, |noted| *noted.returned_items.get_or_insert(0) += items as u64);
    }

    /// GetRecords returned so many records of the stream of this label, and so many bytes.
    pub fn returned_records(&self, table: u32, label: Arc<str>, records: usize, bytes: usize) {
        self.with(table, |noted| noted.returned_records = Some((Facet::Stream(label), records, bytes)));
    }

    /// Items of this size were read or written.
    pub fn item_bytes(&self, table: u32, bytes: usize) {
        self.with(table, |noted| noted.item_bytes += bytes as u64);
    }

    /// A condition on an item of the table did not hold, in a request that has several.
    pub fn condition_failed(&self, table: u32) {
        self.with(table, |noted| noted.condition_failures += 1);
    }

    /// An item of the table is in another transaction.
    pub fn transaction_conflict(&self, table: u32) {
        self.with(table, |noted| noted.conflicts += 1);
    }

    /// Records the request, which ends now: the name of its operation, account and region of its caller.
    pub fn finish(&self, operation: &'static str, caller: (&Arc<str>, &Arc<str>), outcome: Outcome) {
        let now_micros = self.figures.clock.now_micros();
        let end =
            End { operation, caller, latency_micros: now_micros.saturating_sub(self.began_micros), outcome };
        let tables = self.tables.lock();
        let mut shard = self.figures.shards.at(self.shard, minute_of(now_micros), &self.figures.history);
        for noted in tables.iter() {
            noted.record(shard.subject(Subject::Table(noted.id)), &end);
        }
        if tables.is_empty() || end.is_user_error() {
            let caller = shard.subject(end.subject());
            caller.user_errors += u64::from(end.is_user_error());
            if tables.is_empty() {
                end.record(caller);
            }
        }
    }

    /// The registry, for what is counted as it happens.
    pub fn figures(&self) -> &'f Figures {
        self.figures
    }

    fn with(&self, table: u32, note: impl FnOnce(&mut Table)) {
        let mut tables = self.tables.lock();
        let found = tables.iter().position(|noted| noted.id == table);
        let place = found.unwrap_or_else(|| {
            tables.push(Table { id: table, ..Table::default() });
            tables.len() - 1
        });
        note(&mut tables[place]);
    }
}

impl End<'_> {
    fn is_user_error(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { fault: Fault::User, .. })
    }

    fn is_failed_condition(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { fault: Fault::ConditionFailed, .. })
    }

    /// The subject of a request without a table.
    fn subject(&self) -> Subject {
        let (account, region) = self.caller;
        Subject::Account { account: Arc::clone(account), region: Arc::clone(region) }
    }

    fn record<'m>(&self, minute: &'m mut Minute) -> &'m mut Operation {
        let operation = minute.operation_mut(self.operation);
        match self.outcome {
            Outcome::Done => {
                operation.latency.add(self.latency_micros as f64);
                operation.latencies.add(self.latency_micros);
            }
            Outcome::Failed { error, fault } => operation.fail(error, fault, 1),
        }
        operation
    }
}

impl Table {
    fn units(&mut self, index: u16) -> &mut Units {
        let found = self.units.iter().position(|units| units.index == index);
        let place = found.unwrap_or_else(|| {
            self.units.push(Units { index, ..Units::default() });
            self.units.len() - 1
        });
        &mut self.units[place]
    }

    fn record(&self, minute: &mut Minute, end: &End<'_>) {
        for units in &self.units {
            units.record(minute.capacity_mut(units.index));
        }
        minute.condition_failures += self.condition_failures + u64::from(end.is_failed_condition());
        minute.transaction_conflicts += self.conflicts;
        if let Some((facet, records, bytes)) = &self.returned_records {
            minute.facet_mut(Metric::ReturnedRecordsCount, facet).add(*records as f64);
            minute.facet_mut(Metric::ReturnedBytes, facet).add(*bytes as f64);
        }
        let operation = end.record(minute);
        self.throttles.iter().for_each(|throttle| operation.throttle(*throttle, 1));
        if let Some(items) = self.returned_items {
            operation.returned_items.add(items as f64);
        }
        if self.item_bytes > 0 {
            operation.item_bytes.add(self.item_bytes as f64);
        }
    }
}

impl Units {
    fn record(&self, capacity: &mut Capacity) {
        if self.read > 0.0 {
            capacity.read.add(self.read);
        }
        if self.write > 0.0 {
            capacity.write.add(self.write);
        }
    }
}
