//! ItemCollectionMetrics: how large the collections a write touched are, in tables with a local index.

use engine::CollectionSize;
use model::dynamodb::ItemCollectionMetrics;

const GIGABYTE: u64 = 1024 * 1024 * 1024;

/// Whether a request includes them in its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionReport {
    /// NONE
    Nothing,
    /// SIZE
    Size,
}

impl CollectionReport {
    /// From ReturnItemCollectionMetrics, already checked.
    pub fn of(value: Option<&str>) -> Self {
        if value == Some("SIZE") { CollectionReport::Size } else { CollectionReport::Nothing }
    }
}

/// The metrics of one collection, if requested and the table has collections.
pub fn collection_metrics(
    report: CollectionReport,
    collection: Option<CollectionSize>,
) -> Option<ItemCollectionMetrics> {
    let collection = collection.filter(|_| report == CollectionReport::Size)?;
    let gigabytes = (collection.size_bytes / GIGABYTE) as f64;
    Some(ItemCollectionMetrics {
        item_collection_key: Some(collection.key),
        size_estimate_range_gb: Some(vec![gigabytes, gigabytes + 1.0]),
    })
}
