//! The change feed of a table: what its consumers (streams, triggers, replication, point-in-time views) are
//! made from. Position and time of a record are the store's.

mod boundary;
mod consumers;
pub(crate) mod cursor;
mod record;

pub use boundary::Boundary;
pub(crate) use boundary::is_boundary;
pub(crate) use consumers::FeedNeeds;
pub use consumers::{Consumer, ConsumerKind};
pub use record::{ChangeRecord, Principal};
