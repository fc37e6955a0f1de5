//! Replicas that eventually consistent reads may go to, and how old what they show may be.
//!
//! Several times a second the primary is asked how far its log is durable. A replica answers a read only if it has
//! replayed the log that far, which it says in the same round trip, before it reads: so a read shows all that was
//! acknowledged a second before it, and most of what came since. Where none of them can say so, the primary is read.
//! The place is one of a timeline: behind a failover, a replica is read again once it is sent the log of the new
//! primary, or, where the user may not see that, has replayed a checkpoint of it.

use crate::connector::{Connector, Purpose};
use crate::failure::ends_the_session;
use crate::open::OpenError;
use crate::options::Options;
use crate::pool::Readers;
use crate::postgres_store::Core;
use crate::session::{Parameters, Session};
use crate::sql::Sql;
use crate::url;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use stdx::Clock;
use store::{Consistency, StoreError};
use tokio::runtime::Handle;
use tokio_postgres::{Error, Row};

/// How old what a replica shows may be.
const AGE_MAX: Duration = Duration::from_secs(1);
/// How often the primary is asked.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How long a replica that failed is left alone.
const REST: Duration = Duration::from_secs(5);
/// How long a replica may be silent: the primary can answer too.
const PATIENCE: Duration = Duration::from_secs(1);

/// The replicas; none, where none are named.
pub(crate) struct Replicas {
    each: Vec<Replica>,
    next: AtomicUsize,
    mark: Mutex<Option<Mark>>,
    clock: Arc<dyn Clock>,
    /// Reads that replicas have answered.
    pub(crate) answered: AtomicU64,
    /// Reads that might have gone to one, and went to the primary.
    pub(crate) passed_on: AtomicU64,
}

struct Replica {
    readers: Readers,
    /// When it may be asked again.
    rests_until: Mutex<Duration>,
}

/// What a replica must have replayed: a place in the log of the primary, on its timeline, and when it was asked for.
#[derive(Clone, Copy)]
struct Mark {
    place: i64,
    timeline: i32,
    asked_at: Duration,
}

impl Replicas {
    pub(crate) fn new(options: &Options, runtime: &Handle) -> Result<Replicas, OpenError> {
        let targets = match &options.read_replicas {
            Some(url) => url::read(url)?.each(),
            None => Vec::new(),
        };
        let patient = Options { patience: PATIENCE.min(options.patience), ..options.clone() };
        let replica = |target| Replica {
            readers: Readers::new(
                Connector::to_replica(target, &patient, runtime.clone()),
                Purpose::ReadReplica,
                options.readers,
            ),
            rests_until: Mutex::default(),
        };
        Ok(Replicas {
            each: targets.into_iter().map(replica).collect(),
            next: AtomicUsize::default(),
            mark: Mutex::default(),
            clock: Arc::clone(&options.clock),
            answered: AtomicU64::default(),
            passed_on: AtomicU64::default(),
        })
    }

    pub(crate) fn are_named(&self) -> bool {
        !self.each.is_empty()
    }

    /// What a replica must have replayed to be read now.
    fn mark(&self) -> Option<Mark> {
        let mark = (*self.mark.lock())?;
        (self.clock.monotonic().saturating_sub(mark.asked_at) < AGE_MAX).then_some(mark)
    }

    /// The next one that does not rest.
    fn next(&self) -> Option<&Replica> {
        let now = self.clock.monotonic();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let turns = (0..self.each.len()).map(|turn| &self.each[(first + turn) % self.each.len()]);
        turns.into_iter().find(|replica| *replica.rests_until.lock() <= now)
    }

    /// All connections end.
    pub(crate) async fn close(&self) {
        for replica in &self.each {
            replica.readers.close().await;
        }
    }
}

impl Replica {
    /// The rows, if it has replayed enough; `None` where it has not.
    async fn rows(
        &self,
        session: &Session,
        mark: Mark,
        sql: Sql,
        parameters: Parameters<'_>,
    ) -> Result<Option<Vec<Row>>, Error> {
        session.statement(Sql::HasReplayed).await?;
        session.statement(sql).await?;
        let mark: Parameters<'_> = &[&mark.place, &mark.timeline];
        let (has_replayed, rows) = tokio::join!(
            biased;
            session.query(Sql::HasReplayed, mark),
            session.query(sql, parameters)
        );
        let has_replayed = has_replayed?.first().and_then(|row| row.get::<_, Option<bool>>(0));
        Ok((has_replayed == Some(true)).then_some(rows?))
    }
}

impl Core {
    /// The rows of a statement that reads what may be so old.
    pub(crate) async fn rows_as(
        &self,
        consistency: Consistency,
        sql: Sql,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        if consistency == Consistency::Eventual && self.replicas.are_named() {
            self.open()?;
            match self.rows_of_a_replica(sql, parameters).await {
                Some(rows) => {
                    self.replicas.answered.fetch_add(1, Ordering::Relaxed);
                    return Ok(rows);
                }
                None => self.replicas.passed_on.fetch_add(1, Ordering::Relaxed),
            };
        }
        self.rows(sql, parameters).await
    }

    /// `None` where the primary is to be read.
    async fn rows_of_a_replica(&self, sql: Sql, parameters: Parameters<'_>) -> Option<Vec<Row>> {
        let replica = self.replicas.next()?;
        let rests = || *replica.rests_until.lock() = self.replicas.clock.monotonic() + REST;
        let Ok(session) = replica.readers.session().await else {
            rests();
            return None;
        };
        let mark = self.replicas.mark()?;
        match replica.rows(&session, mark, sql, parameters).await {
            Ok(rows) => rows,
            Err(error) => {
                // Otherwise it was only this read, which stood in the way of replay.
                if ends_the_session(&error) {
                    replica.readers.end(&session).await;
                    rests();
                }
                None
            }
        }
    }

    /// Asks the primary, as long as the runtime lives.
    pub(crate) async fn mark_the_log(self: Arc<Self>) {
        loop {
            let asked_at = self.replicas.clock.monotonic();
            // A primary that is away leaves no mark, and then no replica is read.
            let rows = self.rows(Sql::LogPlace, &[]).await.unwrap_or_default();
            if let Some(row) = rows.first() {
                let mark = Mark { place: row.get(0), timeline: row.get(1), asked_at };
                *self.replicas.mark.lock() = Some(mark);
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }
}
