//! One item by its key.

use super::Found;
use crate::engine::Engine;
use crate::error::ReadError;
use crate::keys::ItemKey;
use crate::row::{RowFault, RowRef};
use crate::table::Table;
use expr::Projection;
use std::ops::ControlFlow;
use store::{Consistency, Visit};

impl Engine {
    /// The item of a key, or what a projection leaves of it.
    pub async fn get(
        &self,
        table: &Table,
        key: &ItemKey,
        consistency: Consistency,
        projection: Option<&Projection>,
    ) -> Result<Option<Found>, ReadError> {
        self.with_item(table, key, consistency, |row| row.map(|row| found(&row, projection))).await
    }

    /// The items of several keys of a table, in the order of the keys, until `take` breaks off.
    pub async fn get_many(
        &self,
        table: &Table,
        keys: &[ItemKey],
        consistency: Consistency,
        projection: Option<&Projection>,
        mut take: impl FnMut(Option<Found>) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadError> {
        self.with_items(table, keys, consistency, |_, row| take(row.map(|row| found(&row, projection)))).await
    }

    /// Lends the items of several keys, each with the index of its key, until `visit` breaks off.
    pub(super) async fn with_items(
        &self,
        table: &Table,
        keys: &[ItemKey],
        consistency: Consistency,
        mut visit: impl FnMut(usize, Option<RowRef<'_>>) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadError> {
        let row_keys: Vec<&[u8]> = keys.iter().map(ItemKey::as_bytes).collect();
        let mut fault = None;
        let lend = &mut |at: usize, row: Option<&[u8]>| match read_own(table, &keys[at], row) {
            Ok(row) if visit(at, row).is_continue() => Visit::Continue,
            Ok(_) => Visit::Stop,
            Err(other) => {
                fault = Some(other);
                Visit::Stop
            }
        };
        self.show_read();
        self.store().get_many(&row_keys, consistency, lend).await?;
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Lends the item of a key: for a response that is written without a copy in between.
    pub async fn with_item<R: Send>(
        &self,
        table: &Table,
        key: &ItemKey,
        consistency: Consistency,
        visit: impl FnOnce(Option<RowRef<'_>>) -> R + Send,
    ) -> Result<R, ReadError> {
        let mut visit = Some(visit);
        let mut result = None;
        let lend = &mut |row: Option<&[u8]>| {
            let visit = visit.take().expect("a store lends the row of a key once");
            result = Some(read_own(table, key, row).map(visit));
        };
        self.show_read();
        self.store().get(key.as_bytes(), consistency, lend).await?;
        Ok(result.expect("a store lends the row of a key, or that there is none")?)
    }
}

pub(crate) fn found(row: &RowRef<'_>, projection: Option<&Projection>) -> Found {
    let item = match projection {
        Some(projection) => projection.apply(row.item()),
        None => row.item().to_item(),
    };
    Found { item, size_bytes: row.size_bytes as usize }
}

/// Reads a row and makes sure that it is the item of the key: another one is damage, never a wrong item.
pub(crate) fn read_own<'a>(
    table: &Table,
    key: &ItemKey,
    row: Option<&'a [u8]>,
) -> Result<Option<RowRef<'a>>, RowFault> {
    let Some(row) = row.map(RowRef::read).transpose()? else { return Ok(None) };
    match key.is_of(table, row.item()) {
        true => Ok(Some(row)),
        false => Err(RowFault::OtherKey),
    }
}
