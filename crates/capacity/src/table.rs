//! The buckets of a table, as its descriptors carry them: every change of a table makes a new descriptor, and all of
//! them share the buckets.

use crate::limits::{Limits, SideLimits};
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

    /// The buckets that there are, by the index's number; 0 is the table. None are made.
    pub fn sides(&self) -> Vec<(u16, Arc<Side>)> {
        self.kept.lock().sides.iter().map(|(number, side)| (*number, Arc::clone(side))).collect()
    }
}

impl Kept {
    /// An older descriptor, which a request may still hold, changes no limits.
    fn view(&mut self, limits: &Limits, now_micros: u64) -> View {
        let is_newer = limits.version >= self.version;
        self.version = self.version.max(limits.version);
        let mut side = |number, own| self.side(number, own, limits, is_newer, now_micros);
        let table = side(0, limits.table);
        let indexes = limits.indexes.iter().map(|(number, own)| (*number, side(*number, *own)));
        let view = View { table, indexes: indexes.collect() };
        if is_newer {
            self.sides.retain(|number, _| *number == 0 || view.index(*number).is_some());
        }
        view
    }

    fn side(
        &mut self,
        number: u16,
        own: SideLimits,
        limits: &Limits,
        is_newer: bool,
        now_micros: u64,
    ) -> Arc<Side> {
        let new = || Arc::new(Side::new(&limits.account, own, now_micros));
        let side = Arc::clone(self.sides.entry(number).or_insert_with(new));
        if is_newer {
            side.configure(own.throughput, now_micros);
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
