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
use stdx::limits::PAGE_BYTES_MAX;
use store::Visit;
use types::Item;

/// Entries read before their items are fetched.
const LOT: usize = 32;

struct EntryRead {
    key: Vec<u8>,
    size_bytes: usize,
    last_evaluated_key: Item,
    base: ItemKey,
    passes: bool,
}

impl Engine {
    /// A page of entries with their base items.
    pub(super) async fn fetch_page(&self, walk: &Walk<'_>, cursor: &mut Cursor) -> Result<Page, ReadError> {
        let (mut page, mut fetched_bytes) = (Page::default(), 0);
        loop {
            let lot = self.read_entries(walk, cursor).await?;
            for entry in &lot {
                fetched_bytes += self.fetch(walk, &mut page, entry).await?;
                if walk.is_full(&page) || page.evaluated_bytes + fetched_bytes >= PAGE_BYTES_MAX {
                    page.last_evaluated_key = Some(entry.last_evaluated_key.clone());
                    return Ok(page);
                }
            }
            match lot.last() {
                Some(entry) if lot.len() == LOT => cursor.pass(&entry.key),
                _ => return Ok(page),
            }
        }
    }

    /// Takes in the item of an entry; returns its size. An entry whose item has gone in the meantime counts,
    /// but is not taken in.
    async fn fetch(&self, walk: &Walk<'_>, page: &mut Page, entry: &EntryRead) -> Result<usize, ReadError> {
        page.scanned_count += 1;
        page.evaluated_bytes += entry.size_bytes;
        let take_in = |row: Option<RowRef<'_>>| {
            let Some(row) = row else { return 0 };
            page.fetched_bytes.push(row.size_bytes as usize);
            walk.take_in(page, row.item(), entry.passes);
            row.size_bytes as usize
        };
        self.with_item(walk.table, &entry.base, walk.consistency, take_in).await
    }

    async fn read_entries(&self, walk: &Walk<'_>, cursor: &Cursor) -> Result<Vec<EntryRead>, ReadError> {
        let mut lot = Vec::new();
        let mut fault = None;
        let Some(rest) = cursor.rest() else { return Ok(lot) };
        let visit = &mut |key: &[u8], row: &[u8]| {
            match read_entry(walk, key, row) {
                Ok(entry) => lot.push(entry),
                Err(found) => fault = Some(found),
            }
            if fault.is_some() || lot.len() == LOT { Visit::Stop } else { Visit::Continue }
        };
        self.store().range(walk.read(rest, cursor, LOT), visit).await?;
        match fault {
            Some(fault) => Err(fault.into()),
            None => Ok(lot),
        }
    }
}

fn read_entry(walk: &Walk<'_>, key: &[u8], row: &[u8]) -> Result<EntryRead, RowFault> {
    let row = RowRef::read(row)?;
    walk.check_partition(row.item())?;
    Ok(EntryRead {
        key: key.to_vec(),
        size_bytes: row.size_bytes as usize,
        passes: walk.passes(row.item()),
        last_evaluated_key: walk.last_evaluated_key(row.item()),
        base: ItemKey::of_map(walk.table, row.item()).map_err(|_| RowFault::OtherKey)?,
    })
}
