//! The items of a table as they were at a time, put into another one without a copy of all of them.
//!
//! Of the items that have changed between the time and now the feed has what they were: they are *settled*, each kept
//! as a row of the copy. Then the items are read as they are, and of each that is settled that is taken instead. What
//! has changed in the meantime the feed has too: those of them that were not settled are put right at the end.

use super::lot::{LOT_BYTES, Lot};
use crate::backup::{CopiedItem, CopyId, Totals};
use crate::jobs::Surroundings;
use crate::jobs::copying::{Changes, Copying, Since};
use crate::jobs::items::visit_lot;
use crate::keys::{HASH_AT, index_prefix, successor};
use crate::table::{Sealing, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use store::{
    Consistency, Direction, FeedCursor, KeyRange, Position, RangeRead, RowWrite, Store, StoreError, Visit,
};
use types::Item;

/// A table as it was at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AsOf {
    /// Keeps what is settled.
    copying: Copying,
    stage: Stage,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    Begin,
    /// Up to where the feed is read behind the time, and its last position that is read before the items.
    Settle {
        position: u128,
        index: u32,
        until: u128,
    },
    /// Behind which item the next lot begins, and up to where the feed is read.
    Items {
        after: Option<Vec<u8>>,
        position: u128,
        index: u32,
    },
    /// Up to where the feed is read behind that, and its last position before which an item may have been read.
    PutRight {
        position: u128,
        index: u32,
        until: u128,
    },
}

/// What a step came to.
pub(super) enum Part {
    /// These rows are put into the copy.
    Settled(Vec<RowWrite>),
    /// These items are put.
    Items(Arc<Lot>),
    /// These rows are put into the copy, and the items come to be those: by the rest of their keys behind the table's
    /// prefix.
    PutRight(Vec<RowWrite>, Items),
    /// That was all.
    End,
}

/// What items were, by the rest of their keys behind the table's prefix.
pub(super) type Items = BTreeMap<Vec<u8>, Option<Item>>;
/// Some of them, and the key behind which others may follow.
type Stretch = (Items, Option<Vec<u8>>);

impl AsOf {
    pub(super) fn of(
        source: &Arc<Table>,
        copy: CopyId,
        sealing: Option<Sealing>,
        time_micros: u64,
        consumer: String,
    ) -> AsOf {
        let copying = Copying::of(source, copy, sealing, Since::Time(time_micros), Some(consumer));
        AsOf { copying, stage: Stage::Begin }
    }

    pub(super) fn copying(&self) -> &Copying {
        &self.copying
    }

    pub(super) fn learn_keys(&mut self, around: &Surroundings) -> Result<(), StoreError> {
        self.copying.learn_keys(around)
    }

    /// Whether the next step takes a lot of items that [`read_lot`](Self::read_lot) may have read.
    pub(super) fn wants_lot(&self) -> bool {
        matches!(self.stage, Stage::Items { .. })
    }

    pub(super) fn advance(
        &mut self,
        store: &dyn Store,
        items_max: usize,
        ahead: Option<Arc<Lot>>,
    ) -> Result<Part, StoreError> {
        match self.stage {
            Stage::Begin => {
                let until = store.newest().wait()?;
                let begin = self.copying.first_change(store)?.unwrap_or(FeedCursor::behind(until));
                self.stage = Stage::Settle { position: begin.position.0, index: begin.index, until: until.0 };
                Ok(Part::Settled(Vec::new()))
            }
            Stage::Settle { position, index, until } => {
                let read = FeedCursor { position: Position(position), index };
                if read >= FeedCursor::behind(Position(until)) {
                    self.stage = Stage::Items { after: None, position, index };
                    return Ok(Part::Settled(Vec::new()));
                }
                let (rows, FeedCursor { position, index }) = self.settle(store, read, until)?;
                self.stage = Stage::Settle { position: position.0, index, until };
                Ok(Part::Settled(rows))
            }
            Stage::Items { position, index, .. } => {
                let lot = ahead.map_or_else(|| self.read_lot(store, items_max).map(Arc::new), Ok)?;
                self.stage = match lot.last.clone() {
                    Some(last) => Stage::Items { after: Some(last), position, index },
                    // No item was read that is younger than this.
                    None => Stage::PutRight { position, index, until: store.newest().wait()?.0 },
                };
                Ok(Part::Items(lot))
            }
            Stage::PutRight { position, index, until } => {
                let read = FeedCursor { position: Position(position), index };
                if read >= FeedCursor::behind(Position(until)) {
                    return Ok(Part::End);
                }
                let (rows, FeedCursor { position, index }) = self.settle(store, read, until)?;
                let items = self.settled_in(&rows)?;
                self.stage = Stage::PutRight { position: position.0, index, until };
                Ok(Part::PutRight(rows, items))
            }
        }
    }

    /// The rows of items that are settled by the next stretch of the feed, and up to where it is read.
    fn settle(
        &mut self,
        store: &dyn Store,
        read: FeedCursor,
        until: u128,
    ) -> Result<(Vec<RowWrite>, FeedCursor), StoreError> {
        let changes = Changes::read(store, self.copying.table(), read, Position(until))?;
        Ok((self.copying.settle(store, &changes.first)?, changes.read))
    }

    fn settled_in(&self, rows: &[RowWrite]) -> Result<Items, StoreError> {
        let prefix = self.copying.copy().prefix();
        let item = |write: &RowWrite| {
            let (rest, row) = (&write.key[prefix.len()..], write.row.as_deref().unwrap_or_default());
            Ok((rest.to_vec(), settled_item(rest, row).map_err(StoreError::Corrupt)?))
        };
        rows.iter().map(item).collect()
    }

    /// The next items: as they are, or as they were where that is settled.
    pub(super) fn read_lot(&self, store: &dyn Store, items_max: usize) -> Result<Lot, StoreError> {
        let Stage::Items { after, .. } = &self.stage else { return Ok(Lot::default()) };
        let (mut items, mut last) = self.items_as_they_are(store, after.as_deref(), items_max)?;
        let mut lot = Lot::default();
        match self.settled(store, after.as_deref(), last.as_deref(), items_max)? {
            Err(fault) => lot.fault = Some(fault),
            Ok((settled, end)) => {
                if let Some(end) = end {
                    items.retain(|rest, _| *rest <= end);
                    last = Some(end);
                }
                items.extend(settled);
            }
        }
        lot.items = items.into_values().flatten().collect();
        lot.totals = Totals::estimate(lot.items.len() as u64, 0);
        lot.last = last;
        Ok(lot)
    }

    /// Also behind which the next ones begin, where there may be some.
    fn items_as_they_are(
        &self,
        store: &dyn Store,
        after: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Stretch, StoreError> {
        let prefix = index_prefix(self.copying.table().id, 0);
        let after = after.map(|rest| [&prefix[..], rest].concat());
        let mut items = Items::new();
        visit_lot(store, self.copying.table(), after.as_deref(), items_max, |key, row| {
            items.insert(key[HASH_AT..].to_vec(), Some(row.item().to_item()));
            Ok(())
        })?;
        let last = items.keys().next_back().cloned();
        Ok((items, last))
    }

    /// What is settled between two keys, and where that ends before the second one.
    fn settled(
        &self,
        store: &dyn Store,
        after: Option<&[u8]>,
        up_to: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Result<Stretch, String>, StoreError> {
        let prefix = self.copying.copy().prefix();
        let whole = |rest: &[u8]| [&prefix[..], rest].concat();
        let (after, up_to, end) = (after.map(whole), up_to.map(whole), successor(&prefix));
        let start = after.as_deref().map_or(Bound::Included(&prefix[..]), Bound::Excluded);
        let end = up_to.as_deref().map_or(Bound::Excluded(&end[..]), Bound::Included);
        let (mut items, mut bytes, mut fault, mut ends_at) = (Items::new(), 0, None, None);
        let visit = &mut |key: &[u8], row: &[u8]| {
            let rest = &key[prefix.len()..];
            match settled_item(rest, row) {
                Ok(item) => items.insert(rest.to_vec(), item),
                Err(found) => {
                    fault = Some(found);
                    return Visit::Stop;
                }
            };
            bytes += row.len();
            if items.len() < items_max && bytes < LOT_BYTES {
                return Visit::Continue;
            }
            ends_at = Some(rest.to_vec());
            Visit::Stop
        };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        let range = KeyRange { start, end };
        store.range(RangeRead { range, direction, consistency, rows_expected: items_max }, visit).wait()?;
        Ok(fault.map_or(Ok((items, ends_at)), Err))
    }
}

fn settled_item(rest: &[u8], row: &[u8]) -> Result<Option<Item>, String> {
    let copied = CopiedItem::read(rest, row).map_err(|fault| fault.to_string())?;
    Ok(copied.item.map(|(item, _)| item.to_item()))
}
