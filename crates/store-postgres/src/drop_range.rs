//! Writes that may be begun again: rows and records deleted in lots, each a transaction of its own, so that none is
//! long.

use crate::failure::{ends_the_session, is_passing, refused};
use crate::isolation::{AdvisoryLocks, Isolation};
use crate::postgres_store::{Core, TRIES_MAX};
use crate::session::Parameters;
use crate::sql::Sql;
use store::memory::after_prefix;
use store::{Outcome, Stamp, StoreError};
use tokio_postgres::Row;

/// Rows that are deleted in one transaction.
const LOT: i64 = 1_000;

impl Core {
    pub(crate) async fn drop_range(&self, prefix: &[u8]) -> Result<Outcome, StoreError> {
        let (mut start, end) = (prefix.to_vec(), after_prefix(prefix));
        loop {
            let (stamp, row) = match &end {
                Some(end) => self.write_lot(Sql::DropLot, &[&start, end, &LOT]).await?,
                None => self.write_lot(Sql::DropLotToTheEnd, &[&start, &LOT]).await?,
            };
            match row.get::<_, Option<Vec<u8>>>(1) {
                Some(last) => start = last,
                None => return Ok(Outcome::Committed(stamp)),
            }
        }
    }

    /// Runs a statement that may be run again, as a transaction; its line begins with the transaction's id.
    pub(crate) async fn write_lot(
        &self,
        sql: Sql,
        parameters: Parameters<'_>,
    ) -> Result<(Stamp, Row), StoreError> {
        let mut tries = 0;
        loop {
            self.open()?;
            let writer = self.writers.take().await?;
            self.connector.primary().may_write()?;
            let time_micros = self.newest.time_micros();
            let error = match writer.session().query(sql, parameters).await {
                Ok(rows) => {
                    let row = rows.into_iter().next();
                    let row = row.ok_or_else(|| StoreError::Unavailable("a lot has no line".to_owned()))?;
                    let number = row.get::<_, i64>(0) as u64;
                    let stamp =
                        Stamp { position: AdvisoryLocks::position(writer.session(), number), time_micros };
                    self.newest.note(stamp);
                    return Ok((stamp, row));
                }
                Err(error) => error,
            };
            if ends_the_session(&error) {
                writer.end();
            }
            tries += 1;
            if !is_passing(&error) || tries == TRIES_MAX {
                return Err(refused(&error));
            }
            self.pause(tries).await;
        }
    }
}
