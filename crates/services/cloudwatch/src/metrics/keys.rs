//! The only builder of the keys of metric rows.
//!
//! ```text
//! 11 | 1 | account length u8 | account | region length u8 | region | series hash 16 | unit u8    a series
//! 11 | 2 | series hash 16 | unit u8 | tier u8 | first minute of the block u32 BE                 a block of points
//! ```
//! The hash is the first half of SHA-256 over account, region, namespace, name and dimensions, each after its length.

use super::series::{Owner, SeriesId, Unit};
use super::tier::Tier;

const KIND: u8 = 11;
const SERIES: u8 = 1;
const BLOCK: u8 = 2;

/// What the rows of all series begin with.
pub(super) const ALL_SERIES: [u8; 2] = [KIND, SERIES];

/// What the rows of all series of an owner begin with.
pub(super) fn series_of(owner: Owner<'_>) -> Vec<u8> {
    let mut key = ALL_SERIES.to_vec();
    for part in [owner.account, owner.region] {
        // Longer names are no accounts and regions; those that begin alike share a prefix, and ids tell them apart.
        let part = &part.as_bytes()[..part.len().min(255)];
        key.push(part.len() as u8);
        key.extend_from_slice(part);
    }
    key
}

/// What the rows of a series begin with, one for each unit.
pub(super) fn units_of(owner: Owner<'_>, id: SeriesId) -> Vec<u8> {
    let mut key = series_of(owner);
    key.extend_from_slice(&id.0);
    key
}

/// The row of a series.
pub(super) fn series(owner: Owner<'_>, id: SeriesId, unit: Unit) -> Vec<u8> {
    let mut key = units_of(owner, id);
    key.push(unit.0);
    key
}

/// Series and unit of the row of a series.
pub(super) fn series_in(key: &[u8]) -> Option<(SeriesId, Unit)> {
    let (unit, rest) = key.split_last()?;
    Some((SeriesId(*rest.last_chunk()?), Unit(*unit)))
}

/// What all blocks of a series begin with.
pub(super) fn blocks_of(id: SeriesId, unit: Unit) -> Vec<u8> {
    let mut key = vec![KIND, BLOCK];
    key.extend_from_slice(&id.0);
    key.push(unit.0);
    key
}

/// A block, by its first minute.
pub(super) fn block(id: SeriesId, unit: Unit, tier: Tier, minute: u32) -> Vec<u8> {
    let mut key = blocks_of(id, unit);
    key.push(tier.number());
    key.extend_from_slice(&minute.to_be_bytes());
    key
}

/// The first minute of the block of a key.
pub(super) fn block_minute(key: &[u8]) -> Option<u32> {
    key.last_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}
