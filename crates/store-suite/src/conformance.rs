//! What every store must pass: the contract, sentence by sentence, as named checks.
//!
//! [`run`] gives each check a new, empty store and closes it afterwards. A check that fails panics with what it saw;
//! its name is printed before it starts. What needs a restart or a broken disk is not here: it belongs to the tests of
//! the stores that have one.

mod actions;
mod feeds;
mod locking;
mod ranges;
mod side_data;
mod together;
mod writes;

use std::sync::Arc;
use store::Store;

/// A check: panics when the store does not keep the contract.
pub type Check = fn(&dyn Store);

/// The checks of the whole contract, by name.
pub fn checks() -> Vec<(&'static str, Check)> {
    [writes::CHECKS, ranges::CHECKS, locking::CHECKS, feeds::CHECKS, side_data::CHECKS, together::CHECKS]
        .concat()
}

/// Runs every check on a store of its own.
///
/// # Panics
/// When a check fails.
pub fn run(make: &mut dyn FnMut() -> Arc<dyn Store>) {
    for (name, check) in checks() {
        println!("conformance: {name}");
        let store = make();
        check(&*store);
        store.close().expect("a store that has passed a check closes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broken::{Broken, Fault};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn notices(check: Check, fault: Fault) -> bool {
        let store = Broken::new(fault, 1);
        catch_unwind(AssertUnwindSafe(|| check(&store))).is_err()
    }

    /// The names of the checks that detect the fault.
    fn noticed(fault: Fault) -> Vec<&'static str> {
        // Readers of these would wait until their timeout for records that never come.
        let waits = |name: &str| name.starts_with("safe_until") || name.starts_with("changed");
        let slow = fault == Fault::FeedRecordIsLost;
        checks()
            .into_iter()
            .filter(|(name, check)| !(slow && waits(name)) && notices(*check, fault))
            .map(|(name, _)| name)
            .collect()
    }

    /// Some faults show only when threads meet, which a busy machine may keep from happening the first time.
    fn noticed_in_a_race(fault: Fault, by: &str) -> bool {
        const TRIES: usize = 100;
        let check = checks().into_iter().find(|(name, _)| name.starts_with(by)).map(|(_, check)| check);
        check.is_some_and(|check| (0..TRIES).any(|_| notices(check, fault)))
    }

    #[test]
    fn every_kind_of_broken_store_is_noticed() {
        for (fault, by) in [
            (Fault::GetFindsNothing, "a row is put"),
            (Fault::RangeSkipsARow, "every kind of bound"),
            (Fault::WriteIsLost, "a plan is all or nothing"),
            (Fault::CounterIsOld, "counters sum up"),
            (Fault::FeedRecordIsLost, "a feed has its records"),
            (Fault::DropDropsNothing, "drop_range deletes"),
            (Fault::FencesAreIgnored, "a fence of another version"),
            (Fault::FeedIsReversed, "a feed has its records"),
            (Fault::ReadsAreApart, "read_at_one_position sees whole transfers"),
            (Fault::SafeUntilIsAhead, "safe_until is never overtaken"),
            (Fault::TrimForgetsTooMuch, "trim forgets"),
            (Fault::TailSkipsTheRestOfACommit, "a feed is paged"),
            (Fault::DocumentIsSkipped, "documents are put"),
            (Fault::RefusalWrites, "a refused mutation"),
            (Fault::WatchSleeps, "a watch"),
            (Fault::FirstDecisionCounts, "decide sees the old rows"),
            (Fault::SettledWrites, "settled resolves"),
        ] {
            let checks = noticed(fault);
            let is_noticed = checks.iter().any(|name| name.starts_with(by)) || noticed_in_a_race(fault, by);
            assert!(is_noticed, "{fault:?} was noticed by {checks:?}");
        }
    }
}
