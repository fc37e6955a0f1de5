//! What an operation of the log means for the trees. The one place: commits and replay both end here.

use crate::log::operation::Operation;
use crate::trees::feed_record;
use crate::trees::feed_trim::{self, NO_MARK};
use crate::trees::system_key;
use crate::trees::{Bytes, Name, Trees};

/// The tree an operation writes to.
pub(crate) fn tree_of(operation: &Operation<'_>) -> Name {
    match operation {
        Operation::PutRow { .. } | Operation::DeleteRow { .. } => Name::Rows,
        Operation::AppendFeed { .. } => Name::Feed,
        _ => Name::System,
    }
}

/// Writes an operation into its memtable; returns the memtable's size.
pub(crate) fn apply(trees: &Trees, operation: &Operation<'_>, position: u64, time_micros: u64) -> u64 {
    let tree = tree_of(operation);
    let put = |key: &[u8], value: Bytes| trees.insert(tree, key.into(), value, position);
    let delete = |key: &[u8]| trees.remove(tree, key.into(), position);
    match *operation {
        Operation::PutRow { key, row } => put(key, row.into()),
        Operation::DeleteRow { key } => delete(key),
        Operation::AppendFeed { feed, index, bytes } => {
            put(&feed_record::key(feed, position, index), feed_record::value(time_micros, bytes).into())
        }
        Operation::SetCounter { counter, value: 0 } => delete(&system_key::counter(counter)),
        Operation::SetCounter { counter, value } => {
            put(&system_key::counter(counter), value.to_le_bytes().as_slice().into())
        }
        Operation::PutRecord { key, document } => put(&system_key::record(key), document.into()),
        Operation::DeleteRecord { key } => delete(&system_key::record(key)),
        Operation::DropRange { prefix } => put(&system_key::drop(position), prefix.into()),
        Operation::FinishDrop { position: dropped } => delete(&system_key::drop(dropped)),
        Operation::Trim { feed, up_to: NO_MARK } => delete(&system_key::trim(feed)),
        Operation::Trim { feed, up_to } => {
            put(&system_key::trim(feed), feed_trim::encode(up_to).as_slice().into())
        }
    }
}
