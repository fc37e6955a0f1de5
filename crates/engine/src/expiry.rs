//! Time to live: when an item expires, and the time index, which finds expired items.
//!
//! The index has a row for each item that expires at some time, kept by the writes of the item while time to live is
//! on. It is not readable through the API and costs no capacity: it has no counters, and its rows contain only the
//! item's key. An item it finds is checked again when it is deleted.
//!
//! ```text
//! format u8 = 1 | the key attributes in canonical bytes
//! ```

mod lot;
mod now;

pub(crate) use lot::{Lot, Swept};

use crate::keys::{ItemKey, time_key};
use crate::row::RowFault;
use crate::table::{Table, TimeToLive};
use store::RowWrite;
use types::value::number_bytes;
use types::{Item, MapRef};

const FORMAT: u8 = 1;
/// An item that expired longer ago than this is kept: DynamoDB treats such a time as a mistake.
const OVERDUE_SECONDS_MAX: u64 = 5 * 365 * 86_400;
/// The end of the year 9999; what is later never expires and has no row. Times in milliseconds are.
const SECONDS_MAX: u64 = 253_402_300_799;

/// When an item expires, in seconds since the Unix epoch. Only a number counts; its fraction is cut off.
pub(crate) fn expires_at(time_to_live: &TimeToLive, item: MapRef<'_>) -> Option<u64> {
    let number = number_bytes(item.get_bytes(&time_to_live.attribute)?)?;
    let seconds = types::number::to_whole(number)?;
    (seconds <= SECONDS_MAX).then_some(seconds)
}

/// Whether the time to live of an item is over.
pub(crate) fn is_expired(table: &Table, item: MapRef<'_>, now_seconds: u64) -> bool {
    let time_to_live = table.settings.time_to_live.as_ref();
    let seconds = time_to_live.and_then(|time_to_live| expires_at(time_to_live, item));
    seconds.is_some_and(|seconds| (oldest(now_seconds)..now_seconds).contains(&seconds))
}

/// The earliest time at which an item that is found now can have expired.
fn oldest(now_seconds: u64) -> u64 {
    now_seconds.saturating_sub(OVERDUE_SECONDS_MAX)
}

/// The row of an item in the time index: put with the item's key, deleted without.
pub(crate) fn time_row(
    table: &Table,
    time_to_live: &TimeToLive,
    seconds: u64,
    item: &ItemKey,
    key: Option<&Item>,
) -> RowWrite {
    let row = key.map(|key| [&[FORMAT][..], key.as_bytes()].concat());
    RowWrite { key: time_key(table, time_to_live.since_version, seconds, item).to_vec(), row }
}

/// The key attributes in such a row.
fn read_time_row(row: &[u8]) -> Result<Item, RowFault> {
    match row {
        [FORMAT, key @ ..] if key.len() >= 4 => Ok(Item::from_canonical(key.to_vec())),
        [format, ..] if *format != FORMAT => Err(RowFault::Newer { format: *format, flags: 0 }),
        _ => Err(RowFault::Short),
    }
}
