//! How much a writer is slowed down when flushing and compaction fall behind: a delay a group, in proportion
//! to its bytes and to the square of the debt, so that it grows gradually instead of blocking at once.

use crate::open::options::Profile;
use crate::trees::Name;
use crate::trees::maintenance::Maintenance;
use std::time::Duration;

const DELAY_MAX: Duration = Duration::from_millis(5);
const NANOS_PER_BYTE: f64 = 150.0;
/// Sealed memtables at which writers stop until one is flushed, which is what bounds memory.
const SEALED_MEMTABLES_MAX: u64 = 8;
const SEALED_BYTES_MIN: u64 = 1024 * 1024;

/// The delay of a group.
pub(crate) fn delay(profile: &Profile, work: &Maintenance, group_bytes: usize) -> Duration {
    let memtable = profile.memtable_bytes[Name::Rows as usize].max(1) as f64;
    delay_for(work.memtables.sealed_bytes() as f64 / memtable, work.compaction.l0_runs() as f64, group_bytes)
}

fn delay_for(sealed_memtables: f64, l0_runs: f64, group_bytes: usize) -> Duration {
    let debt = ((sealed_memtables - 1.5) / 3.0).max((l0_runs - 10.0) / 14.0).clamp(0.0, 1.5);
    Duration::from_nanos((debt * debt * group_bytes as f64 * NANOS_PER_BYTE) as u64).min(DELAY_MAX)
}

/// Whether memory is full of memtables that are not flushed.
pub(crate) fn must_wait(profile: &Profile, work: &Maintenance) -> bool {
    let memtable = profile.memtable_bytes[Name::Rows as usize].max(SEALED_BYTES_MIN);
    work.memtables.sealed_bytes() > SEALED_MEMTABLES_MAX * memtable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_with_the_debt_up_to_a_bound() {
        assert_eq!(delay_for(1.0, 4.0, 1 << 20), Duration::ZERO);
        assert!(delay_for(2.0, 4.0, 4096) < Duration::from_micros(50));
        assert!(delay_for(3.0, 4.0, 4096) > delay_for(2.0, 4.0, 4096));
        assert_eq!(delay_for(9.0, 40.0, 1 << 20), DELAY_MAX);
    }
}
