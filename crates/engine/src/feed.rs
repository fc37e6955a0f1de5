//! The change feed of a table: what its consumers (streams, triggers, replication, point-in-time views) are
//! made from. Position and time of a record are the store's.

mod record;

pub use record::{ChangeRecord, Principal};
