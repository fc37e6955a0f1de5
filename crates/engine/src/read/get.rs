//! One item by its key.

use super::Found;
use crate::engine::Engine;
use crate::error::ReadError;
use crate::keys::ItemKey;
use crate::row::{RowFault, RowRef};
use crate::table::Table;
use expr::Projection;
use store::Consistency;

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
