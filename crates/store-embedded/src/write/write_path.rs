//! What a writer passes on its own thread: the locks of its keys, the rows appended before it, the queue.

use crate::read::read_view::ReadView;
use crate::write::overlay::Overlay;
use crate::write::queue::Queue;
use std::sync::Arc;
use store::LockTable;

/// The shared state of writers and the committer.
pub(crate) struct WritePath {
    pub(crate) view: Arc<ReadView>,
    pub(crate) locks: LockTable,
    pub(crate) overlay: Overlay,
    pub(crate) queue: Queue,
}
