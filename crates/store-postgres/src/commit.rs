//! The second round trip of a mutation: its plan and COMMIT, and what became of them.

use crate::failure::{ends_the_session, is_passing, refused};
use crate::hearing::Awaited;
use crate::isolation::{AdvisoryLocks, Isolation, columns};
use crate::mutate::Transaction;
use crate::notices;
use crate::postgres_store::Core;
use crate::session::Session;
use crate::sql::Sql;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use store::{CommitId, FeedCursor, FeedId, Plan, Stamp, StoreError};
use tokio_postgres::Error;

/// How a commit ended.
pub(crate) enum Ended {
    Committed(Stamp),
    /// Nothing of it happened and nothing will; it may be tried again.
    Lost(StoreError),
    /// Nothing of it happened, and trying again is of no use.
    Failed(StoreError),
    Unknown(CommitId),
}

impl Core {
    /// Writes a plan and commits, as the transaction that has this number.
    pub(crate) async fn commit(self: &Arc<Self>, transaction: Transaction, plan: Plan, number: u64) -> Ended {
        let session = transaction.writer().session();
        let position = AdvisoryLocks::position(session, number);
        let stamp = Stamp { position, time_micros: self.newest.time_micros() };
        let written_by = session.number;
        let written = Written::of(plan);
        let awaited = (!written.documents.is_empty()).then(|| Awaited::begin(self, position));
        let error = match self.send(session, &written, stamp).await {
            Ok(()) => {
                self.note(&written, stamp);
                transaction.ended();
                if let Some(awaited) = awaited {
                    awaited.by_all().await;
                }
                return Ended::Committed(stamp);
            }
            Err(error) => error,
        };
        if !ends_the_session(&error) {
            transaction.ended();
            let passes = is_passing(&error);
            return if passes { Ended::Lost(refused(&error)) } else { Ended::Failed(refused(&error)) };
        }
        transaction.abandon();
        let commit = self.unknown.enter(written_by, stamp);
        match self.settled_commit(commit).await {
            Some(Some(stamp)) => {
                self.note(&written, stamp);
                Ended::Committed(stamp)
            }
            Some(None) => Ended::Lost(refused(&error)),
            None => Ended::Unknown(commit),
        }
    }

    async fn send(&self, session: &Session, written: &Written, stamp: Stamp) -> Result<(), Error> {
        session.statement(Sql::WritePlan).await?;
        let (epoch, xid) = columns(stamp.position);
        let (channel, time) = (self.connector.schema(), stamp.time_micros as i64);
        let notice = self.outbox.documents_notice(&written.documents, stamp.position);
        let (raised, versions) = &written.raise;
        let parameters: crate::session::Parameters<'_> = &[
            &session.number,
            &epoch,
            &xid,
            &time,
            &written.put.0,
            &written.put.1,
            &written.gone,
            &written.feeds,
            &written.places,
            &written.records,
            &written.counters.0,
            &written.counters.1,
            &written.put_documents.0,
            &written.put_documents.1,
            &written.gone_documents,
            raised,
            versions,
            &channel,
            &notice,
        ];
        let (wrote, committed) = tokio::join!(
            biased;
            session.query(Sql::WritePlan, parameters),
            session.execute("COMMIT")
        );
        wrote?;
        committed
    }

    /// Makes a durable commit known, before its outcome is.
    fn note(&self, written: &Written, stamp: Stamp) {
        self.newest.note(stamp);
        let mut ends = HashMap::new();
        for (feed, index) in written.feeds.iter().zip(&written.places) {
            ends.insert(FeedId(*feed as u64), FeedCursor { position: stamp.position, index: *index as u32 });
        }
        for (feed, end) in ends {
            self.feeds.note(feed, end);
            self.outbox.put(notices::Notice { feed, end });
        }
        if !written.documents.is_empty() {
            self.watches.note(written.documents.iter().map(Vec::as_slice));
        }
    }
}

/// A plan as the columns that are sent.
#[derive(Default)]
struct Written {
    put: (Vec<Vec<u8>>, Vec<Vec<u8>>),
    gone: Vec<Vec<u8>>,
    feeds: Vec<i64>,
    places: Vec<i32>,
    records: Vec<Vec<u8>>,
    counters: (Vec<i64>, Vec<i64>),
    put_documents: (Vec<Vec<u8>>, Vec<Vec<u8>>),
    gone_documents: Vec<Vec<u8>>,
    /// The keys of both.
    documents: Vec<Vec<u8>>,
    raise: (Vec<i64>, Vec<i64>),
}

impl Written {
    fn of(plan: Plan) -> Written {
        let mut written = Written {
            raise: plan.raise.iter().map(|fence| (fence.subject as i64, fence.version as i64)).unzip(),
            counters: summed(&plan).into_iter().unzip(),
            ..Written::default()
        };
        (written.put, written.gone) = parted(plan.rows.into_iter().map(|write| (write.key, write.row)));
        written.append(plan.feed);
        // The last write of a document counts; in order, so that two plans do not wait for each other in a circle.
        let documents: BTreeMap<_, _> =
            plan.records.into_iter().map(|write| (write.key, write.document)).collect();
        written.documents = documents.keys().cloned().collect();
        (written.put_documents, written.gone_documents) = parted(documents.into_iter());
        written
    }

    fn append(&mut self, records: Vec<(FeedId, Vec<u8>)>) {
        let mut next = HashMap::new();
        for (feed, record) in records {
            let place: &mut i32 = next.entry(feed).or_default();
            self.feeds.push(feed.0 as i64);
            self.places.push(*place);
            self.records.push(record);
            *place += 1;
        }
    }
}

type Puts = (Vec<Vec<u8>>, Vec<Vec<u8>>);

fn parted(writes: impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>) -> (Puts, Vec<Vec<u8>>) {
    let (mut puts, mut gone) = (Puts::default(), Vec::new());
    for (key, value) in writes {
        match value {
            Some(value) => {
                puts.0.push(key);
                puts.1.push(value);
            }
            None => gone.push(key),
        }
    }
    (puts, gone)
}

/// Each counter once.
fn summed(plan: &Plan) -> BTreeMap<i64, i64> {
    let mut sums = BTreeMap::new();
    for (counter, delta) in &plan.counters {
        let sum: &mut i64 = sums.entry(counter.0 as i64).or_default();
        *sum = sum.wrapping_add(*delta);
    }
    sums
}
