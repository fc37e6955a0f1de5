//! Wrong answers, collected from all threads.

use parking_lot::Mutex;

const DESCRIPTIONS_MAX: usize = 50;

#[derive(Default)]
pub(super) struct Findings(Mutex<(u64, Vec<String>)>);

impl Findings {
    pub(super) fn wrong(&self, describe: impl FnOnce() -> String) {
        let (count, descriptions) = &mut *self.0.lock();
        *count += 1;
        if descriptions.len() < DESCRIPTIONS_MAX {
            descriptions.push(describe());
        }
    }

    pub(super) fn check(&self, holds: bool, describe: impl FnOnce() -> String) {
        if !holds {
            self.wrong(describe);
        }
    }

    /// A thread that panicked has found something too, and has done nothing that counts.
    pub(super) fn panicked(&self) -> u64 {
        self.wrong(|| "a thread panicked".to_owned());
        0
    }

    pub(super) fn into_parts(self) -> (u64, Vec<String>) {
        self.0.into_inner()
    }
}

/// A row in a description: enough of it to distinguish it from another.
pub(super) fn short(row: Option<&[u8]>) -> String {
    match row {
        None => "nothing".to_owned(),
        Some(row) => format!("{} bytes {}", row.len(), row[..row.len().min(12)].escape_ascii()),
    }
}
