//! What is provisioned for tables and their indexes.

use super::{Index, ProvisionedThroughput, Table};

/// Units that are provisioned for tables and their indexes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Provisioned {
    /// Of reads.
    pub read_units: u64,
    /// Of writes.
    pub write_units: u64,
}

impl Provisioned {
    /// Those of a table with these indexes.
    pub fn of(table: &ProvisionedThroughput, indexes: &[Index]) -> Provisioned {
        let all = std::iter::once(table).chain(indexes.iter().map(|index| &index.throughput));
        all.fold(Provisioned::default(), |sum, units| {
            sum.and(Provisioned { read_units: units.read_units, write_units: units.write_units })
        })
    }

    /// Both together.
    pub(crate) fn and(self, other: Provisioned) -> Provisioned {
        Provisioned {
            read_units: self.read_units.saturating_add(other.read_units),
            write_units: self.write_units.saturating_add(other.write_units),
        }
    }

    /// What of this is beyond other units.
    pub(crate) fn beyond(self, other: Provisioned) -> Provisioned {
        Provisioned {
            read_units: self.read_units.saturating_sub(other.read_units),
            write_units: self.write_units.saturating_sub(other.write_units),
        }
    }

    pub(crate) fn is_nothing(self) -> bool {
        self == Provisioned::default()
    }
}

impl Table {
    /// What is provisioned for it.
    pub fn provisioned(&self) -> Provisioned {
        Provisioned::of(&self.settings.throughput, &self.indexes)
    }
}
