//! Where in the ranges of key hashes a page begins: the first 64 bits of a hash, as `ItemKey::range_position`.

use super::start_key::place;
use super::{QueryRequest, ScanRequest, Segment};
use crate::keys::{IndexPartition, range_position as position};
use types::ValueBuf;
use types::value::key_bytes;

impl QueryRequest<'_> {
    /// Where the partition is that is read.
    pub fn range_position(&self) -> u64 {
        let hash: Vec<&[u8]> = self.key.hash.iter().map(bytes).collect();
        let partition = IndexPartition::of(self.table, self.index, hash.iter().copied());
        position(&partition.all().0)
    }
}

impl ScanRequest<'_> {
    /// Where the page begins. A start key that is none is judged when the page is read.
    pub fn range_position(&self) -> u64 {
        let start = self.exclusive_start_key.and_then(|key| place(self.table, self.index, key).ok());
        let Segment { number, total } = self.segment.unwrap_or(Segment { number: 0, total: 1 });
        let of_segment = || ((u128::from(number) << 64) / u128::from(total.max(1))) as u64;
        start.map_or_else(of_segment, |key| position(&key))
    }
}

fn bytes(value: &ValueBuf) -> &[u8] {
    key_bytes(value.as_bytes()).unwrap_or_default()
}
