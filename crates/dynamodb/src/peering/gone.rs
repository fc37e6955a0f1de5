//! Replicas that have gone are remembered for as long as a call about them may still be on its way, so that one that
//! comes late does not bring them back, nor take away another one that the region got since.
//!
//! Of the replicas that a region has had in a global table, a later one has a higher number. Calls name the one that
//! they are about; what has gone is in a row, which is written before anything is forgotten, and looked at again once
//! something was added. So of a call that adds and one that says that it went, in whatever order they come and however
//! they meet, the latter counts.

use super::messages::About;
use engine::Table;
use peers::SKEW_MICROS_MAX;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::documents::Documents;
use store::records::RecordKey;
use store::{Store, StoreError};

/// Calls are refused that are older than one time the skew; clocks may differ by as much.
const KEPT_MICROS: u64 = 4 * SKEW_MICROS_MAX;
/// More are not kept: a server whose replicas go so often waits.
const KEPT_MAX: usize = 4_096;

/// What has gone lately.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Gone {
    replicas: Vec<Replica>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Replica {
    group: String,
    region: String,
    incarnation: u64,
    since_micros: u64,
}

impl Gone {
    fn find(&self, group: &str, region: &str) -> Option<&Replica> {
        self.replicas.iter().find(|replica| replica.group == group && replica.region == region)
    }
}

fn documents(store: Arc<dyn Store>) -> (Documents, RecordKey) {
    (Documents::of(store, 1), RecordKey::new("peers", "gone", "", "", ""))
}

/// Remembers that a replica has gone.
///
/// # Errors
/// When the store fails, or too many have gone.
pub async fn note(
    store: Arc<dyn Store>,
    (group, region): (&str, &str),
    incarnation: u64,
    now_micros: u64,
) -> Result<(), StoreError> {
    let (documents, key) = documents(store);
    let noted = documents.change::<Gone, (), ()>(&key, |gone| {
        let mut gone = gone.unwrap_or_default();
        let before = gone.find(group, region).map_or(0, |replica| replica.incarnation);
        gone.replicas.retain(|replica| {
            let is_it = replica.group == group && replica.region == region;
            !is_it && replica.since_micros.saturating_add(KEPT_MICROS) > now_micros
        });
        if gone.replicas.len() >= KEPT_MAX {
            return Err(());
        }
        let (group, region) = (group.to_owned(), region.to_owned());
        let incarnation = incarnation.max(before);
        gone.replicas.push(Replica { group, region, incarnation, since_micros: now_micros });
        Ok((Some(gone), ()))
    });
    match noted.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(())) => Err(StoreError::Unavailable("too many replicas have gone lately".to_owned())),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}

/// The number of the last one that has gone lately.
///
/// # Errors
/// When the store fails.
pub async fn last(store: Arc<dyn Store>, group: &str, region: &str) -> Result<Option<u64>, StoreError> {
    let (documents, key) = documents(store);
    let gone = documents.get::<Gone>(&key).await;
    let gone = gone.map_err(|error| StoreError::Unavailable(error.to_string()))?.unwrap_or_default();
    Ok(gone.find(group, region).map(|replica| replica.incarnation))
}

/// The number of a new replica in a region: behind all before it.
///
/// # Errors
/// When the store fails.
pub async fn next(
    store: Arc<dyn Store>,
    table: Option<&Table>,
    region: &str,
    now_micros: u64,
) -> Result<u64, StoreError> {
    let Some(global) = table.and_then(|table| table.global()) else { return Ok(now_micros) };
    let last = last(store, &global.group, region).await?;
    Ok(now_micros.max(last.map_or(0, |last| last + 1)))
}

/// Whether the replica that a call is about has gone.
///
/// # Errors
/// When the store fails.
pub async fn has(store: Arc<dyn Store>, about: &About) -> Result<bool, StoreError> {
    let last = last(store, &about.of.group, &about.region).await?;
    Ok(last.is_some_and(|last| about.incarnation <= last))
}
