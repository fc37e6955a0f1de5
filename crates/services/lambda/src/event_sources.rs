//! Event source mappings as the API shows them: what requests say of them, and what answers do.

pub(crate) mod describe;
mod invoker;
pub(crate) mod settings;
pub(crate) mod source;
pub(crate) mod target;

pub use invoker::invoker;

use crate::destinations::Destinations;
use event_source::{Mappings, ReadPermission, Sources};

/// What the operations on mappings stand on.
#[derive(Debug, Clone)]
pub struct EventSources {
    /// The mappings.
    pub mappings: Mappings,
    /// The streams that they read.
    pub sources: Sources,
    /// What roles of functions may read.
    pub permission: ReadPermission,
    /// Where records go that are given up.
    pub destinations: Destinations,
}
