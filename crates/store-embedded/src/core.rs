//! The parts of an open store: the way of a write, what readers see, the work behind both.

use crate::environment::Environment;
use crate::read::read_view::ReadView;
use crate::trees::maintenance::Maintenance;
use crate::write::write_path::WritePath;
use std::sync::Arc;

/// The parts; a thread takes those it uses.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) env: Arc<Environment>,
    pub(crate) write: Arc<WritePath>,
    pub(crate) view: Arc<ReadView>,
    pub(crate) maintenance: Arc<Maintenance>,
}
