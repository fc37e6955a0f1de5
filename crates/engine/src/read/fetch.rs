//! Pages of a local index that need attributes the index does not hold: entries are read in small lots, the base
//! item of each is fetched. The filter sees the entry, in which what the index does not hold is absent. Entries and
//! items both count towards the end of the page.

use super::Page;
use super::cursor::Cursor;
use super::page::Walk;
use crate::engine::Engine;
use crate::error::ReadError;
use crate::keys::ItemKey;
use crate::row::{RowFault, RowRef};
use std::ops::ControlFlow;
use stdx::limits::PAGE_BYTES_MAX;
use store::Visit;
use types::Item;

/// Entries read before their items are fetched.
const LOT: usize = 32;

struct EntryRead {
    key: Vec<u8>,
    size_bytes: usize,
    last_evaluated_key: Item,
    passes: bool,
}

impl Engine {
    /// A page of entries with their base items.
    pub(super) async fn fetch_page(&self, walk: &Walk<'_>, cursor: &mut Cursor) -> Result<Page, ReadError> {
        let (mut page, mut fetched_bytes) = (Page::default(), 0);
        loop {
            let (lot, bases) = self.read_entries(walk, cursor).await?;
            let take_in = |at: usize, row: Option<RowRef<'_>>| {
                let entry: &EntryRead = &lot[at];
                fetched_bytes += take_in(walk, &mut page, entry, row);
                if walk.is_full(&page) || page.evaluated_bytes + fetched_bytes >= PAGE_BYTES_MAX {
                    page.last_evaluated_key = Some(entry.last_evaluated_key.clone());
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            };
            self.with_items(walk.table, &bases, walk.consistency, take_in).await?;
            if page.last_evaluated_key.is_some() {
                return Ok(page);
            }
            match lot.last() {
                Some(entry) if lot.len() == LOT => cursor.pass(&entry.key),
                _ => return Ok(page),
            }
        }
    }

    /// A lot of entries, and the keys of their items.
    async fn read_entries(
        &self,
        walk: &Walk<'_>,
        cursor: &Cursor,
    ) -> Result<(Vec<EntryRead>, Vec<ItemKey>), ReadError> {
        let (mut lot, mut bases) = (Vec::new(), Vec::new());
        let mut fault = None;
        let Some(rest) = cursor.rest() else { return Ok((lot, bases)) };
        let visit = &mut |key: &[u8], row: &[u8]| {
            match read_entry(walk, key, row) {
                Ok((entry, base)) => {
                    lot.push(entry);
                    bases.push(base);
                }
                Err(found) => fault = Some(found),
            }
            if fault.is_some() || lot.len() == LOT { Visit::Stop } else { Visit::Continue }
        };
        self.store().range(walk.read(rest, cursor, LOT), visit).await?;
        match fault {
            Some(fault) => Err(fault.into()),
            None => Ok((lot, bases)),
        }
    }
}

/// Takes in the item of an entry; returns its size. An entry whose item was deleted meanwhile counts, but is not
/// taken in.
fn take_in(walk: &Walk<'_>, page: &mut Page, entry: &EntryRead, row: Option<RowRef<'_>>) -> usize {
    page.scanned_count += 1;
    page.evaluated_bytes += entry.size_bytes;
    let Some(row) = row else { return 0 };
    page.fetched_bytes.push(row.size_bytes as usize);
    walk.take_in(page, row.item(), entry.passes);
    row.size_bytes as usize
}

/// An entry, and the key of its item.
fn read_entry(walk: &Walk<'_>, key: &[u8], row: &[u8]) -> Result<(EntryRead, ItemKey), RowFault> {
    let row = RowRef::read(row)?;
    walk.check_partition(row.item())?;
    let base = ItemKey::of_map(walk.table, row.item()).map_err(|_| RowFault::OtherKey)?;
    let entry = EntryRead {
        key: key.to_vec(),
        size_bytes: row.size_bytes as usize,
        passes: walk.passes(row.item()),
        last_evaluated_key: walk.last_evaluated_key(row.item()),
    };
    Ok((entry, base))
}
