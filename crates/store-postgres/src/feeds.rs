//! Feeds: reading them behind the horizon, waking their readers, forgetting their records.

use crate::isolation::{AdvisoryLocks, Isolation, cursor_columns, position_of};
use crate::pages::Lot;
use crate::postgres_store::Core;
use crate::session::{Parameters, Session};
use crate::sql::Sql;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::{FeedCursor, FeedId, FeedRecord, Outcome, Position, Stamp, StoreError, Visit, VisitRecord};
use tokio::sync::Notify;
use tokio_postgres::{Error, Row};

/// How often a reader looks again whether transactions that are older than a record have ended: for some seconds. They
/// end in milliseconds, unless something else than this store writes for long.
const LOOKS_MAX: u32 = 1_000;
/// How long it waits in between: so long at first, and five times as long in the end.
const PAUSE: Duration = Duration::from_millis(2);
/// How long a reader waits where the database did not answer.
const RETRY: Duration = Duration::from_millis(500);
/// Records that are forgotten in one transaction, which holds the horizon while it lasts.
const TRIM_LOT: i64 = 1_000;

/// What this process knows of feeds without asking.
#[derive(Default)]
pub(crate) struct Feeds(Mutex<HashMap<FeedId, Arc<Feed>>>);

#[derive(Default)]
struct Feed {
    /// The newest record that it has heard of.
    newest: Mutex<FeedCursor>,
    raised: Notify,
}

impl Feeds {
    fn feed(&self, feed: FeedId) -> Arc<Feed> {
        Arc::clone(self.0.lock().entry(feed).or_default())
    }

    /// A record is durable.
    pub(crate) fn note(&self, feed: FeedId, at: FeedCursor) {
        let feed = self.feed(feed);
        {
            let mut newest = feed.newest.lock();
            *newest = at.max(*newest);
        }
        feed.raised.notify_waiters();
    }

    /// Lets all readers that wait look again.
    pub(crate) fn wake_all(&self) {
        self.0.lock().values().for_each(|feed| feed.raised.notify_waiters());
    }

    /// There is no record up to here: so much for what was heard.
    fn forget(&self, feed: FeedId, up_to: FeedCursor) {
        let feed = self.feed(feed);
        let mut newest = feed.newest.lock();
        if *newest <= up_to {
            *newest = FeedCursor::START;
        }
    }
}

fn place(row: &Row) -> FeedCursor {
    let index = row.get::<_, i32>(2) as u32;
    FeedCursor { position: position_of(row.get(0), row.get(1)), index }
}

/// Up to where feeds are complete, and then what is in this one. In this order: what ended before the horizon was
/// taken is seen by the second statement.
async fn page(
    session: &Session,
    feed: FeedId,
    after: FeedCursor,
    limit: usize,
) -> Result<(Position, Vec<Row>), Error> {
    let (feed, limit) = (feed.0 as i64, limit as i64);
    let (epoch, xid, index) = cursor_columns(after);
    session.statement(Sql::Tail).await?;
    session.statement(Sql::Horizon).await?;
    let parameters: Parameters<'_> = &[&feed, &epoch, &xid, &index, &limit];
    let (safe_until, rows) = tokio::join!(
        biased;
        AdvisoryLocks::safe_until(session),
        session.query(Sql::Tail, parameters)
    );
    Ok((safe_until?, rows?))
}

impl Core {
    pub(crate) async fn tail(
        &self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &mut VisitRecord<'_>,
    ) -> Result<Position, StoreError> {
        let heard = *self.feeds.feed(feed).newest.lock();
        let (mut cursor, mut left, mut looks, mut lot) = (after, limit, 0, Lot::of(limit));
        loop {
            let asked = lot.rows().min(left);
            let (safe_until, rows) = self.page(feed, cursor, asked).await?;
            if rows.is_empty() && asked > 0 && heard > after && cursor == after {
                self.feeds.forget(feed, heard);
            }
            let complete = rows.iter().take_while(|row| place(row).position <= safe_until);
            let mut lent = 0;
            for row in complete {
                lent += 1;
                cursor = place(row);
                let bytes: &[u8] = row.get(4);
                lot.count(bytes.len());
                let stamp = Stamp { position: cursor.position, time_micros: row.get::<_, i64>(3) as u64 };
                if visit(FeedRecord { stamp, index: cursor.index, bytes }) == Visit::Stop {
                    return Ok(safe_until);
                }
            }
            left -= lent;
            let waits = lent < rows.len();
            if left == 0 || (!waits && rows.len() < asked) || looks == LOOKS_MAX {
                return Ok(safe_until);
            }
            if waits {
                looks += 1;
                self.sleep(PAUSE * (1 + looks / 100).min(5)).await;
            }
        }
    }

    async fn page(
        &self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
    ) -> Result<(Position, Vec<Row>), StoreError> {
        let mut tries = 0;
        loop {
            let session = self.readers.session().await?;
            match page(&session, feed, after, limit).await {
                Ok(page) => return Ok(page),
                Err(error) => self.lost_read(&session, &error, &mut tries).await?,
            }
        }
    }

    pub(crate) async fn newest(&self) -> Result<Position, StoreError> {
        let mut tries = 0;
        loop {
            let session = self.readers.session().await?;
            match AdvisoryLocks::newest(&session).await {
                Ok(newest) => return Ok(newest),
                Err(error) => self.lost_read(&session, &error, &mut tries).await?,
            }
        }
    }

    pub(crate) async fn changed(&self, id: FeedId, after: FeedCursor) {
        let feed = self.feeds.feed(id);
        loop {
            let mut raised = pin!(feed.raised.notified());
            raised.as_mut().enable();
            if *feed.newest.lock() > after {
                return;
            }
            match self.has_record(id, after).await {
                Ok(true) => return,
                Ok(false) => raised.await,
                Err(_) => self.sleep(RETRY).await,
            }
        }
    }

    async fn has_record(&self, feed: FeedId, after: FeedCursor) -> Result<bool, StoreError> {
        let (epoch, xid, index) = cursor_columns(after);
        let rows = self.rows(Sql::HasRecord, &[&(feed.0 as i64), &epoch, &xid, &index]).await?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Result<Outcome, StoreError> {
        let (epoch, xid, index) = cursor_columns(up_to);
        loop {
            let parameters: Parameters<'_> = &[&(feed.0 as i64), &epoch, &xid, &index, &TRIM_LOT];
            let (stamp, row) = self.write_lot(Sql::Trim, parameters).await?;
            if row.get::<_, i64>(1) < TRIM_LOT {
                self.feeds.forget(feed, up_to);
                return Ok(Outcome::Committed(stamp));
            }
        }
    }
}
