//! What is known of the primary: which is the latest, and whether it may lose what it acknowledges.
//!
//! Epochs rise with every promotion. A primary of an earlier epoch than one that has been seen was replaced and does
//! not know it yet, because it stood still or was cut off: nothing is read or written there. A primary that may lose
//! acknowledged writes is not written to; that is looked at when the store opens, on each new connection, and every
//! few seconds.

use crate::postgres_store::Core;
use crate::sql::Sql;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use store::StoreError;
use tokio::sync::watch;
use tokio_postgres::Row;

/// What is known, by all connections of a store.
pub(crate) struct Primary {
    epoch: watch::Sender<u64>,
    accept_loss: bool,
    waits_for_standbys: AtomicBool,
    doubt: Mutex<Option<&'static str>>,
}

impl Primary {
    pub(crate) fn new(accept_loss: bool) -> Primary {
        let (waits_for_standbys, doubt) = Default::default();
        Primary { epoch: watch::Sender::new(0), accept_loss, waits_for_standbys, doubt }
    }

    /// The latest epoch that has been seen.
    pub(crate) fn epoch(&self) -> u64 {
        *self.epoch.borrow()
    }

    /// Notes the epoch of a connection; whether none later has been seen.
    pub(crate) fn is_latest(&self, epoch: u64) -> bool {
        self.epoch.send_if_modified(|latest| {
            let is_later = epoch > *latest;
            *latest = epoch.max(*latest);
            is_later
        });
        epoch >= self.epoch()
    }

    /// Resolves when a later one than this is seen.
    pub(crate) async fn is_replaced(&self, epoch: u64) {
        // The sender lives as long as this.
        self.epoch.subscribe().wait_for(|latest| *latest > epoch).await.ok();
    }

    /// Notes what the line of [`Sql::Durability`] says of it.
    pub(crate) fn note(&self, line: &Row) {
        self.waits_for_standbys.store(line.get(3), Ordering::SeqCst);
        self.judge(what_it_loses(line));
    }

    /// Whether its commits wait for standbys.
    pub(crate) fn waits_for_standbys(&self) -> bool {
        self.waits_for_standbys.load(Ordering::SeqCst)
    }

    /// Notes why the primary may lose what it acknowledges, if it may.
    fn judge(&self, loses: Option<&'static str>) {
        let loses = loses.filter(|_| !self.accept_loss);
        let before = std::mem::replace(&mut *self.doubt.lock(), loses);
        match (before, loses) {
            (before, Some(reason)) if before != loses => {
                tracing::error!(reason, "the database may lose acknowledged writes, so it is not written to");
            }
            (Some(_), None) => tracing::info!("the database is written to again"),
            _ => (),
        }
    }

    /// Whether what it acknowledges holds, as far as is known.
    pub(crate) fn may_write(&self) -> Result<(), StoreError> {
        let refused =
            |why| StoreError::Unavailable(format!("the database may lose acknowledged writes: {why}"));
        self.doubt.lock().map_or(Ok(()), |why| Err(refused(why)))
    }
}

/// Why the server may lose what it acknowledges, by the line of [`Sql::Durability`].
pub(crate) fn what_it_loses(line: &Row) -> Option<&'static str> {
    let reasons = [
        (line.get(0), "PostgreSQL runs with fsync = off"),
        (line.get(1), "PostgreSQL runs with full_page_writes = off"),
        (line.get(2), "PostgreSQL has standbys and none is synchronous (synchronous_standby_names is empty)"),
    ];
    reasons.into_iter().find(|(loses, _)| *loses).map(|(_, why)| why)
}

impl Core {
    /// Looks again whether the primary may lose what it acknowledges. One that is away is told by other figures.
    pub(crate) async fn look_at_the_primary(&self) {
        let lines = self.rows(Sql::Durability, &[]).await.unwrap_or_default();
        lines.first().into_iter().for_each(|line| self.connector.primary().note(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_primary_than_one_that_was_seen_is_not_the_latest() {
        let primary = Primary::new(false);
        assert!([3, 3, 4].into_iter().all(|epoch| primary.is_latest(epoch)));
        assert!(!primary.is_latest(3));
        assert_eq!(primary.epoch(), 4);
    }

    #[test]
    fn what_may_be_lost_is_not_written_unless_that_is_accepted() {
        let careful = Primary::new(false);
        careful.judge(Some("of moths"));
        let refused = careful.may_write().unwrap_err().to_string();
        assert!(refused.contains("may lose acknowledged writes: of moths"), "{refused}");
        careful.judge(None);
        assert_eq!(careful.may_write(), Ok(()));
        let careless = Primary::new(true);
        careless.judge(Some("of moths"));
        assert_eq!(careless.may_write(), Ok(()));
    }
}
