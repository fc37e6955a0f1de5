//! Builds a page: which rows are evaluated, which pass, where it ends.
//!
//! It ends after the item that fills the limit, or brings what was evaluated to 1 MiB; at least one item is
//! evaluated. Then it has a last evaluated key, even if nothing follows.

use super::cursor::Cursor;
use super::{Attributes, Page};
use crate::engine::Engine;
use crate::error::ReadError;
use crate::keys::key_item;
use crate::row::{RowFault, RowRef};
use crate::table::{Index, Table};
use expr::Condition;
use stdx::limits::PAGE_BYTES_MAX;
use store::{Consistency, KeyRange, RangeRead, Visit};
use types::{Item, MapRef, ValueBuf};

/// What a page is read for.
pub(super) struct Walk<'a> {
    pub table: &'a Table,
    pub index: Option<&'a Index>,
    /// The requested partition key, which every row must have.
    pub hash: Option<&'a [ValueBuf]>,
    pub limit: Option<usize>,
    pub filter: Option<&'a Condition>,
    pub attributes: Attributes<'a>,
    pub consistency: Consistency,
}

impl Walk<'_> {
    /// Another partition's row in this range is damage, never a wrong item.
    pub(super) fn check_partition(&self, item: MapRef<'_>) -> Result<(), RowFault> {
        let Some(hash) = self.hash else { return Ok(()) };
        let schema = &self.index.map_or(&self.table.key, |index| &index.key).hash;
        let same =
            schema.iter().zip(hash).all(|(a, value)| item.get_bytes(&a.name) == Some(value.as_bytes()));
        if same { Ok(()) } else { Err(RowFault::OtherKey) }
    }

    /// The start key of the page after one that ends with this row.
    pub(super) fn last_evaluated_key(&self, row: MapRef<'_>) -> Item {
        let index = self.index.into_iter().flat_map(|index| index.key.attributes());
        key_item(row, self.table.key.attributes().chain(index).map(|attribute| attribute.name.as_str()))
    }

    /// Evaluates an item: counts it, and takes it in if it passes the filter.
    pub(super) fn evaluate(&self, page: &mut Page, item: MapRef<'_>) {
        self.take_in(page, item, self.passes(item));
    }

    /// Whether a row passes the filter.
    pub(super) fn passes(&self, row: MapRef<'_>) -> bool {
        self.filter.is_none_or(|filter| filter.matches(row))
    }

    /// Takes an item in, if it passes.
    pub(super) fn take_in(&self, page: &mut Page, item: MapRef<'_>, passes: bool) {
        if passes {
            page.count += 1;
            page.items.extend(self.attributes.of(item));
        }
    }

    /// Whether the page is to end here.
    pub(super) fn is_full(&self, page: &Page) -> bool {
        self.limit.is_some_and(|limit| page.scanned_count >= limit) || page.evaluated_bytes >= PAGE_BYTES_MAX
    }

    /// What is read of the store for the rest of a walk, at most so many rows in one go.
    pub(super) fn read<'r>(&self, range: KeyRange<'r>, cursor: &Cursor, rows_max: usize) -> RangeRead<'r> {
        let rows_expected = self.limit.unwrap_or(usize::MAX).min(rows_max);
        RangeRead { range, direction: cursor.direction(), consistency: self.consistency, rows_expected }
    }

    fn visit(&self, page: &mut Page, row: &[u8]) -> Result<Visit, RowFault> {
        let row = RowRef::read(row)?;
        self.check_partition(row.item())?;
        page.scanned_count += 1;
        page.evaluated_bytes += row.size_bytes as usize;
        self.evaluate(page, row.item());
        if !self.is_full(page) {
            return Ok(Visit::Continue);
        }
        page.last_evaluated_key = Some(self.last_evaluated_key(row.item()));
        Ok(Visit::Stop)
    }
}

impl Engine {
    /// A page of what the rows themselves hold.
    pub(super) async fn read_page(&self, walk: &Walk<'_>, cursor: &Cursor) -> Result<Page, ReadError> {
        let mut page = Page::default();
        let mut fault = None;
        let Some(rest) = cursor.rest() else { return Ok(page) };
        let visit = &mut |_: &[u8], row: &[u8]| {
            walk.visit(&mut page, row).unwrap_or_else(|found| {
                fault = Some(found);
                Visit::Stop
            })
        };
        self.show_read();
        self.store().range(walk.read(rest, cursor, usize::MAX), visit).await?;
        match fault {
            Some(fault) => Err(fault.into()),
            None => Ok(page),
        }
    }
}
