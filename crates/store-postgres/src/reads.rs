//! Reads of rows by their keys, and of counters, documents and fences.

use crate::postgres_store::Core;
use crate::sql::Sql;
use store::{Consistency, CounterId, Position, StoreError, Visit, VisitKeyed, VisitMany, VisitRow};
use tokio_postgres::Row;

/// Keys of one statement.
const KEYS_MAX: usize = 100;

/// The rows of some keys, in the order of the keys.
fn in_order(rows: &[Row], keys: usize) -> Vec<Option<&[u8]>> {
    let mut found = vec![None; keys];
    for row in rows {
        found[row.get::<_, i64>(0) as usize] = Some(row.get(1));
    }
    found
}

impl Core {
    pub(crate) async fn get(
        &self,
        key: &[u8],
        consistency: Consistency,
        visit: &mut VisitRow<'_>,
    ) -> Result<(), StoreError> {
        let rows = self.rows_as(consistency, Sql::Get, &[&key]).await?;
        visit(rows.first().map(|row| row.get(0)));
        Ok(())
    }

    pub(crate) async fn get_many(
        &self,
        keys: &[&[u8]],
        consistency: Consistency,
        visit: &mut VisitMany<'_>,
    ) -> Result<(), StoreError> {
        for (lot, keys) in keys.chunks(KEYS_MAX).enumerate() {
            let rows = self.rows_as(consistency, Sql::GetMany, &[&keys]).await?;
            for (index, row) in in_order(&rows, keys.len()).into_iter().enumerate() {
                if visit(lot * KEYS_MAX + index, row) == Visit::Stop {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// One statement has one snapshot. Everything that was known to be durable before it is in it.
    pub(crate) async fn read_at_one_position(
        &self,
        keys: &[&[u8]],
        visit: &mut VisitKeyed<'_>,
    ) -> Result<Position, StoreError> {
        let position = self.newest.stamp().position;
        let rows = self.rows(Sql::GetMany, &[&keys]).await?;
        in_order(&rows, keys.len()).into_iter().enumerate().for_each(|(index, row)| visit(index, row));
        Ok(position)
    }

    pub(crate) async fn counter(&self, counter: CounterId) -> Result<i64, StoreError> {
        let rows = self.rows(Sql::Counter, &[&(counter.0 as i64)]).await?;
        Ok(rows.first().map_or(0, |row| row.get(0)))
    }

    pub(crate) async fn document(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.rows(Sql::Document, &[&key]).await?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    pub(crate) async fn fence(&self, subject: u64) -> Result<u64, StoreError> {
        let rows = self.rows(Sql::Fence, &[&(subject as i64)]).await?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0) as u64))
    }
}
