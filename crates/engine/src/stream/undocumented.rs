//! Streams that have no document: they were enabled by a version for which the descriptor of the table was all there is
//! of a stream. When a store is opened each is given one, with a single open shard that holds all the feed still has.

use super::document::{self, Stream};
use super::label::micros_of;
use super::life::enabled;
use super::shard::Place;
use crate::catalog::Catalog;
use crate::catalog::change::commit;
use crate::catalog::document as documents;
use crate::error::EngineError;
use crate::table::Table;
use store::{Outcome, Plan, Store, StoreError};

/// Writes the documents that are missing.
pub(crate) async fn give_documents(store: &dyn Store, catalog: &Catalog) -> Result<(), EngineError> {
    for table in catalog.tables_where(Table::has_enabled_stream) {
        give_document(store, catalog, &table).await?;
    }
    Ok(())
}

/// The change of the table's schema version keeps two engines from writing different documents.
async fn give_document(store: &dyn Store, catalog: &Catalog, table: &Table) -> Result<(), EngineError> {
    let Some(stream) = enabled(table) else { return Ok(()) };
    if document::read(store, &table.scope, &table.name, &stream.label).await?.is_some() {
        return Ok(());
    }
    let next = Table { schema_version: table.schema_version + 1, ..table.clone() };
    let since_micros = micros_of(&stream.label).unwrap_or(table.created_micros);
    let stream = Stream::begin(&next, stream.label.clone(), stream.view, Place::At(0), since_micros);
    let records = vec![stream.record(), documents::put_table(&next)];
    let plan = Plan { records, raise: vec![next.fence()], ..Plan::default() };
    match commit(store, &[table.fence()], plan).await? {
        Outcome::Committed(_) => {
            tracing::info!(table = table.name, label = stream.label, "a stream got its document")
        }
        Outcome::Fenced => {} // another engine on the store was first
        outcome => {
            return Err(StoreError::Unavailable(format!("a stream got no document: {outcome:?}")).into());
        }
    }
    catalog.reload(store, &table.scope, &table.name).await?;
    Ok(())
}
