//! The buckets of a table, as its descriptors carry them: every change of a table makes a new descriptor, and all of
//! them share the buckets.

use crate::limits::{Limits, Throughput};
use crate::side::Side;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The buckets of a table. A clone shares them, and looks at the limits anew: it belongs to another descriptor.
#[derive(Debug, Default)]
pub struct TableBuckets {
    kept: Arc<Mutex<Kept>>,
    view: OnceLock<View>,
}

/// What outlives a descriptor.
#[derive(Debug, Default)]
struct Kept {
    version: u64,
    /// By the index's number; 0 is the table.
    sides: BTreeMap<u16, Arc<Side>>,
}

/// The buckets of one descriptor.
#[derive(Debug)]
pub struct View {
    /// The table's.
    pub table: Arc<Side>,
    /// Those of its global indexes, by number.
    pub indexes: Vec<(u16, Arc<Side>)>,
}

impl TableBuckets {
    /// The buckets by the limits of this descriptor, which are asked for once.
    pub fn view(&self, now_micros: u64, limits: impl FnOnce() -> Limits) -> &View {
        self.view.get_or_init(|| self.kept.lock().view(&limits(), now_micros))
    }
}

impl Kept {
    /// An older descriptor, which a request may still hold, changes no limits.
    fn view(&mut self, limits: &Limits, now_micros: u64) -> View {
        let is_newer = limits.version >= self.version;
        self.version = self.version.max(limits.version);
        let mut side = |number, throughput| self.side(number, throughput, limits, is_newer, now_micros);
        let table = side(0, limits.table);
        let indexes = limits.indexes.iter().map(|(number, throughput)| (*number, side(*number, *throughput)));
        let view = View { table, indexes: indexes.collect() };
        if is_newer {
            self.sides.retain(|number, _| *number == 0 || view.index(*number).is_some());
        }
        view
    }

    fn side(
        &mut self,
        number: u16,
        throughput: Throughput,
        limits: &Limits,
        is_newer: bool,
        now_micros: u64,
    ) -> Arc<Side> {
        let new = || Arc::new(Side::new(limits, throughput, now_micros));
        let side = Arc::clone(self.sides.entry(number).or_insert_with(new));
        if is_newer {
            side.configure(limits, throughput, now_micros);
        }
        side
    }
}

impl View {
    /// The buckets of a global index.
    pub fn index(&self, number: u16) -> Option<&Side> {
        self.indexes.iter().find(|(known, _)| *known == number).map(|(_, side)| &**side)
    }
}

impl Clone for TableBuckets {
    fn clone(&self) -> Self {
        TableBuckets { kept: Arc::clone(&self.kept), view: OnceLock::new() }
    }
}

/// A descriptor is the same however much was charged.
impl PartialEq for TableBuckets {
    fn eq(&self, _: &TableBuckets) -> bool {
        true
    }
}
