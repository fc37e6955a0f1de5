//! Handing changes of tables over to Kinesis data streams.
//!
//! A destination is a consumer of its table's change feed. Its cursor is written in the commit that appends the records
//! it has passed, so a record is in the stream once, whatever happens to the server; records of one item are in the
//! order of its changes. Where several servers share a store, a lease says who hands over, and every commit has its row
//! among its keys.
//!
//! A task for each destination waits for the feed and for changes of its table. As long as the stream is not there, it
//! looks again every few seconds, and the feed keeps the records for a day.

mod batch;
mod record;
mod task;

use crate::table_tasks;
use engine::feed::ConsumerKind;
use engine::{Engine, Scope, Table};
use figures::Figures;
use kinesis::Streams;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use stdx::future::Boxed;
use store::lease::Leases;

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);

/// How long records wait for their stream: as long as DynamoDB tries.
pub(crate) const RETENTION_MICROS: u64 = 24 * 3_600 * 1_000_000;

/// Hands changes over, on one server.
#[derive(Clone)]
pub struct HandOver {
    engine: Engine,
    streams: Streams,
    leases: Leases,
    clock: Arc<dyn Clock>,
    figures: Arc<Figures>,
}

/// A destination of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Destination {
    scope: Scope,
    table_name: String,
    table_id: u32,
    stream_arn: String,
}

impl HandOver {
    /// From the tables of an engine to streams on the same store; the owner of leases is a number that no other server
    /// has.
    pub fn new(
        engine: Engine,
        streams: Streams,
        clock: Arc<dyn Clock>,
        figures: Arc<Figures>,
        owner: u64,
    ) -> HandOver {
        let leases = Leases::of(engine.shared_store(), Arc::clone(&clock), owner);
        HandOver { engine, streams, leases, clock, figures }
    }

    /// Keeps a task for each destination that there is.
    pub fn run(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            let serve = |destination| self.clone().serve(destination);
            table_tasks::keep(&self.engine, ("destinations", RETRY), destinations, serve).await;
        })
    }
}

fn destinations(table: &Table) -> Vec<Destination> {
    let consumers = table.consumers.iter().filter(|consumer| consumer.kind == ConsumerKind::Kinesis);
    let destination = |consumer: &engine::feed::Consumer| Destination {
        scope: table.scope.clone(),
        table_name: table.name.clone(),
        table_id: table.id,
        stream_arn: consumer.id.clone(),
    };
    consumers.map(destination).collect()
}

impl std::fmt::Debug for HandOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandOver").field("engine", &self.engine).finish_non_exhaustive()
    }
}
