//! The store as an object: what its parts share, and the threads that drive its connections.

use crate::connector::Connector;
use crate::failure::{ends_the_session, is_passing, refused};
use crate::feeds::Feeds;
use crate::flights::Flights;
use crate::hearing::Hearing;
use crate::isolation::LockNames;
use crate::measures::Horizon;
use crate::newest::Newest;
use crate::notices::Outbox;
use crate::pool::{Readers, Writers};
use crate::replicas::Replicas;
use crate::resolve::Unknown;
use crate::session::{Parameters, Session};
use crate::sql::Sql;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{LockTable, StoreError, Watches};
use tokio::runtime::Runtime;
use tokio_postgres::{Error, Row};

/// How often a call is begun again of which nothing has happened.
pub(crate) const TRIES_MAX: usize = 8;
/// How long to wait before the second try; each further one waits twice as long.
const PAUSE: Duration = Duration::from_millis(10);

/// The storage contract over PostgreSQL. Its connections are driven by two threads of its own, so that it can be used
/// from any thread.
pub struct PostgresStore {
    pub(crate) core: Arc<Core>,
    runtime: Option<Runtime>,
}

/// What all calls share.
pub(crate) struct Core {
    pub(crate) connector: Connector,
    pub(crate) writers: Writers,
    pub(crate) readers: Readers,
    pub(crate) replicas: Replicas,
    /// Writers of one key in this process wait here for each other, and not with a connection each.
    pub(crate) locks: LockTable,
    pub(crate) lock_names: LockNames,
    pub(crate) flights: Flights,
    pub(crate) newest: Newest,
    pub(crate) feeds: Feeds,
    pub(crate) watches: Watches,
    pub(crate) outbox: Outbox,
    pub(crate) hearing: Hearing,
    pub(crate) unknown: Unknown,
    pub(crate) horizon: Horizon,
    pub(crate) closed: AtomicBool,
}

impl PostgresStore {
    pub(crate) fn new(core: Arc<Core>, runtime: Runtime) -> PostgresStore {
        PostgresStore { core, runtime: Some(runtime) }
    }
}

impl Core {
    pub(crate) fn open(&self) -> Result<(), StoreError> {
        match self.closed.load(Ordering::Acquire) {
            true => Err(StoreError::Unavailable("it has been closed".to_owned())),
            false => Ok(()),
        }
    }

    /// Waits on whatever thread, by the timer of the runtime.
    pub(crate) async fn sleep(&self, time: Duration) {
        // It fails only where the runtime ends, and then there is nothing to wait for.
        let sleep = async move { tokio::time::sleep(time).await };
        self.connector.runtime().spawn(sleep).await.ok();
    }

    /// Waits before a call is begun again.
    pub(crate) async fn pause(&self, tries: usize) {
        self.sleep(PAUSE * 2u32.pow(tries.min(6) as u32)).await;
    }

    /// The rows of a statement that only reads.
    pub(crate) async fn rows(&self, sql: Sql, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let mut tries = 0;
        loop {
            let session = self.readers.session().await?;
            match session.query(sql, parameters).await {
                Ok(rows) => return Ok(rows),
                Err(error) => self.lost_read(&session, &error, &mut tries).await?,
            }
        }
    }

    /// Whether a read that failed is to be begun again, on another connection where this one was lost.
    pub(crate) async fn lost_read(
        &self,
        session: &Arc<Session>,
        error: &Error,
        tries: &mut usize,
    ) -> Result<(), StoreError> {
        if ends_the_session(error) {
            self.readers.end(session).await;
        }
        *tries += 1;
        if !is_passing(error) || *tries == TRIES_MAX {
            return Err(refused(error));
        }
        self.pause(*tries).await;
        Ok(())
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("durable", &self.core.newest.stamp()).finish_non_exhaustive()
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        // Not by dropping it, which blocks and so must not be done by a task.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
