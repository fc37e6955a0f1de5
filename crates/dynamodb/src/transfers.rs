//! What a server does for the transfers of all tables: exports, imports and bulk operations.

use crate::bulk_put::BulkLoader;
use crate::export::Exporter;
use crate::import::Importer;
use engine::Engine;
use logs::Logs;
use s3::Objects;
use std::sync::Arc;
use stdx::Clock;
use stdx::future::Boxed;

/// The work of one server for transfers.
#[derive(Debug, Clone)]
pub struct TransferWork {
    exporter: Exporter,
    importer: Importer,
    loader: BulkLoader,
}

impl TransferWork {
    /// Between the tables of an engine and the buckets on the same store; the owner of leases is a number that no other
    /// server has.
    pub fn new(
        engine: Engine,
        objects: Objects,
        logs: Logs,
        clock: Arc<dyn Clock>,
        owner: u64,
    ) -> TransferWork {
        TransferWork {
            exporter: Exporter::new(engine.clone(), objects.clone(), Arc::clone(&clock), owner),
            importer: Importer::new(engine.clone(), objects.clone(), logs, Arc::clone(&clock), owner),
            loader: BulkLoader::new(engine, objects, clock, owner),
        }
    }

    /// Works on all transfers that are ordered.
    pub fn run(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            tokio::join!(self.exporter.run(), self.importer.run(), self.loader.run());
        })
    }
}
