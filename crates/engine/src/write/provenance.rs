//! The provenance of a write: principal, origin and time.

use crate::feed::Principal;
use std::sync::Arc;

/// Where a write comes from. The default is a client of this region, now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// On whose behalf.
    pub principal: Principal,
    /// The region it was made in, where that is not this one.
    pub origin: Option<Arc<str>>,
    /// When it was made, in microseconds since the Unix epoch, where that is not now, in another region.
    /// Against an item that was written later such a write does nothing.
    pub time_micros: Option<u64>,
    /// The item was in a table before: what only new items must comply with, as with the keys of an index that was
    /// added later, does not matter.
    pub is_restored: bool,
}

impl Provenance {
    /// A write of this server itself.
    pub fn of(principal: Principal) -> Provenance {
        Provenance { principal, ..Provenance::default() }
    }
}
