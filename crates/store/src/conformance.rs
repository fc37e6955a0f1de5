//! What every store must pass: the contract, sentence by sentence, as named checks.
//!
//! [`run`] gives each check a new, empty store and closes it afterwards. A check that fails panics and says
//! what it saw; its name is printed before it starts. What needs a restart or a broken disk is not here: it
//! belongs to the tests of the stores that have one.

mod actions;
mod feeds;
mod locking;
mod ranges;
mod side_data;
mod together;
mod writes;

use crate::contract::Store;
use std::sync::Arc;

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
