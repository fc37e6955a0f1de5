//! TransactGetItems: items as they all are at one position.

use crate::engine::Engine;
use crate::error::ReadError;
use crate::keys::ItemKey;
use crate::read::{Found, found, read_own};
use crate::table::Table;
use expr::Projection;
use std::sync::Arc;

/// One item of a transactional read.
#[derive(Debug, Clone)]
pub struct TransactGet {
    /// The table.
    pub table: Arc<Table>,
    /// Which item.
    pub key: ItemKey,
    /// What of it; all if absent.
    pub projection: Option<Projection>,
}

impl Engine {
    /// Reads several items as they all are at one position; in order.
    pub async fn transact_get(&self, gets: &[TransactGet]) -> Result<Vec<Option<Found>>, ReadError> {
        let keys: Vec<&[u8]> = gets.iter().map(|get| get.key.as_bytes()).collect();
        let mut items: Vec<Option<Found>> = vec![None; gets.len()];
        let mut fault = None;
        let visit = &mut |at: usize, row: Option<&[u8]>| {
            let get = &gets[at];
            match read_own(&get.table, &get.key, row) {
                Ok(row) => items[at] = row.map(|row| found(&row, get.projection.as_ref())),
                Err(found) => fault = Some(found),
            }
        };
        self.show_read();
        self.store().read_at_one_position(&keys, visit).await?;
        fault.map_or(Ok(items), |fault| Err(fault.into()))
    }
}
