//! Units that were consumed, by the minute.

use prices::Capacity;
use serde::{Deserialize, Serialize};

pub(crate) const SECONDS_PER_MINUTE: f64 = 60.0;
const MINUTES_PER_HOUR: f64 = 60.0;

/// The traffic of a table and its global indexes over the same minutes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traffic {
    /// The table.
    pub table: String,
    /// The region, which prices go by.
    pub region: String,
    /// The first minute since the Unix epoch.
    pub first_minute: u64,
    /// Reads and writes a second that are paid in advance already and that no other table uses.
    pub reserved: (u64, u64),
    /// The table, then its indexes.
    pub subjects: Vec<Subject>,
}

/// The traffic of a table or an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subject {
    /// The index; `None` is the table.
    pub index: Option<String>,
    /// Read units of each minute.
    pub read: Vec<f64>,
    /// Write units of each minute.
    pub write: Vec<f64>,
    /// What it is provisioned with now, reads and writes a second; zeros for on-demand.
    pub provisioned: (u64, u64),
}

/// A traffic in a few numbers, per second where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// All units.
    pub units: f64,
    /// On average.
    pub average: f64,
    /// In the middle minute.
    pub p50: f64,
    /// In 99 of 100 minutes at most.
    pub p99: f64,
    /// In the busiest minute.
    pub peak: f64,
}

impl Traffic {
    /// What is paid in advance already.
    pub fn reserved(&self, capacity: Capacity) -> u64 {
        match capacity {
            Capacity::Read => self.reserved.0,
            Capacity::Write => self.reserved.1,
        }
    }

    /// How many minutes there are.
    pub fn minutes(&self) -> usize {
        self.subjects.iter().map(|subject| subject.read.len().max(subject.write.len())).max().unwrap_or(0)
    }

    /// How many hours that is.
    pub fn hours(&self) -> f64 {
        self.minutes() as f64 / MINUTES_PER_HOUR
    }
}

impl Subject {
    /// Its reads or its writes.
    pub fn of(&self, capacity: Capacity) -> &[f64] {
        match capacity {
            Capacity::Read => &self.read,
            Capacity::Write => &self.write,
        }
    }

    /// What it is provisioned with now; `None` for on-demand.
    pub fn provisioned(&self, capacity: Capacity) -> Option<u64> {
        let units = match capacity {
            Capacity::Read => self.provisioned.0,
            Capacity::Write => self.provisioned.1,
        };
        (units > 0).then_some(units)
    }
}

impl Summary {
    /// Of units by the minute.
    pub fn of(minutes: &[f64]) -> Summary {
        if minutes.is_empty() {
            return Summary::default();
        }
        let mut sorted = minutes.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at =
            |share: f64| sorted[((sorted.len() - 1) as f64 * share).ceil() as usize] / SECONDS_PER_MINUTE;
        let units: f64 = minutes.iter().sum();
        Summary {
            units,
            average: units / (minutes.len() as f64 * SECONDS_PER_MINUTE),
            p50: at(0.5),
            p99: at(0.99),
            peak: at(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_by_the_second() {
        let mut minutes = vec![60.0; 99];
        minutes.push(6_000.0);
        let summary = Summary::of(&minutes);
        assert_eq!((summary.p50, summary.p99, summary.peak), (1.0, 100.0, 100.0));
        assert_eq!((summary.units, summary.average), (11_940.0, 1.99));
        assert_eq!(Summary::of(&[]), Summary::default());
    }
}
