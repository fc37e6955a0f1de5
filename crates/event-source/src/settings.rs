//! What a mapping says about batches, failures and windows.

use serde::{Deserialize, Serialize};

/// Settings of a mapping, by the names of the API, in its units. They are checked where they are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Records of a batch at most.
    pub batch_size: usize,
    /// How long a batch that is not full waits for more records, counted from its first.
    pub maximum_batching_window_in_seconds: u64,
    /// Lanes of a shard.
    pub parallelization_factor: u32,
    /// How old a record may be that a function is called with; `None`: as old as the source keeps it.
    pub maximum_record_age_in_seconds: Option<u64>,
    /// How often a batch is tried again; `None`: as long as its records are there.
    pub maximum_retry_attempts: Option<u32>,
    /// Whether a batch that failed is split in halves.
    pub bisect_batch_on_function_error: bool,
    /// Whether the function may say which records have failed.
    pub report_batch_item_failures: bool,
    /// Length of the windows that records are aggregated over; 0: none.
    pub tumbling_window_in_seconds: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            batch_size: 100,
            maximum_batching_window_in_seconds: 0,
            parallelization_factor: 1,
            maximum_record_age_in_seconds: None,
            maximum_retry_attempts: None,
            bisect_batch_on_function_error: false,
            report_batch_item_failures: false,
            tumbling_window_in_seconds: 0,
        }
    }
}

const MICROS: u64 = 1_000_000;

impl Settings {
    pub(crate) fn batching_window_micros(&self) -> u64 {
        self.maximum_batching_window_in_seconds * MICROS
    }

    pub(crate) fn age_micros(&self) -> Option<u64> {
        self.maximum_record_age_in_seconds.map(|age| age * MICROS)
    }

    /// Whether a batch that was called with so often is given up.
    pub(crate) fn gives_up_after(&self, invocations: u32) -> bool {
        self.maximum_retry_attempts.is_some_and(|retries| invocations > retries)
    }

    pub(crate) fn tumbling_window_micros(&self) -> Option<u64> {
        Some(self.tumbling_window_in_seconds * MICROS).filter(|window| *window > 0)
    }
}
