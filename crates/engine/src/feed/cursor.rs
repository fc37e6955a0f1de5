//! The cursors of consumers that acknowledge: a document each, in the store.

use super::{Consumer, ConsumerKind};
use crate::catalog::document::{self, Kind};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use stdx::future::Boxed;
use store::{FeedCursor, Outcome, Plan, Position, RecordWrite, Store, StoreError};

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Acknowledged {
    position: u128,
    index: u32,
}

impl Engine {
    /// Stores durably that a consumer has read up to a cursor: it continues behind it after a restart, and
    /// records up to there are not kept for it. The caller is the consumer's only reader.
    pub fn acknowledge<'a>(
        &'a self,
        table: &'a Table,
        consumer: &'a Consumer,
        read: FeedCursor,
    ) -> Boxed<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let records = vec![table.acknowledgement(consumer, read)];
            let mut fence = table.fence();
            for _ in 0..Engine::PLANS_MAX {
                let plan = Plan { records: records.clone(), ..Plan::default() };
                match self.commit(&[fence], plan).await? {
                    Outcome::Committed(_) => return Ok(()),
                    Outcome::Fenced => {}
                    outcome => {
                        return Err(StoreError::Unavailable(format!("a cursor was not kept: {outcome:?}")));
                    }
                }
                let Some(newer) = self.newer_table(table).await? else { return Ok(()) }; // the cursor was deleted with it
                fence = newer.fence();
            }
            Err(Engine::table_keeps_changing())
        })
    }

    /// The record behind which a consumer continues.
    pub fn acknowledged<'a>(
        &'a self,
        table: &'a Table,
        consumer: &'a Consumer,
    ) -> Boxed<'a, Result<FeedCursor, StoreError>> {
        Box::pin(async move { read(self.store(), table, consumer).await })
    }
}

impl Table {
    /// The document of a consumer's cursor, for a commit that does more than that and is fenced by
    /// the table.
    pub fn acknowledgement(&self, consumer: &Consumer, read: FeedCursor) -> RecordWrite {
        let document = Acknowledged { position: read.position.0, index: read.index };
        document::put(Kind::FeedCursor, &self.scope, &id(self, consumer), &document)
    }
}

pub(crate) async fn read(
    store: &dyn Store,
    table: &Table,
    consumer: &Consumer,
) -> Result<FeedCursor, StoreError> {
    let id = id(table, consumer);
    let found = document::read::<Acknowledged>(store, Kind::FeedCursor, &table.scope, &id).await;
    let found = found.map_err(EngineError::into_store)?;
    Ok(found.map_or(FeedCursor::START, |found| FeedCursor {
        position: Position(found.position),
        index: found.index,
    }))
}

/// What forgets the cursor of a consumer.
pub(crate) fn forget_one(table: &Table, consumer: &Consumer) -> RecordWrite {
    document::delete(Kind::FeedCursor, &table.scope, &id(table, consumer))
}

/// What forgets the cursors of a table's consumers.
pub(crate) fn forget(table: &Table) -> impl Iterator<Item = RecordWrite> {
    let acknowledging = table.consumers.iter().filter(|consumer| consumer.acknowledges);
    acknowledging.map(|consumer| forget_one(table, consumer))
}

fn id(table: &Table, consumer: &Consumer) -> String {
    let kind = match consumer.kind {
        ConsumerKind::Trigger => "trigger",
        ConsumerKind::Kinesis => "kinesis",
        ConsumerKind::Replication => "replication",
        ConsumerKind::PointInTime => "point-in-time",
        ConsumerKind::Backup => "backup",
    };
    format!("{:010}/{kind}/{}", table.id, consumer.id)
}
