//! What a store was opened with, and what it calls when something is wrong.

use crate::failure::Failure;
use crate::open::options::{Durability, OnWarning, Profile};
use std::path::PathBuf;
use std::sync::Arc;
use stdx::Clock;

/// Fixed from the open on; every thread has it.
pub(crate) struct Environment {
    pub(crate) dir: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) profile: Profile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) failure: Arc<Failure>,
    /// Called with what is wrong and does not end the store.
    pub(crate) on_warning: OnWarning,
}
