//! Lists streams.

use super::document::document_id;
use crate::catalog::document::{self, Kind};
use crate::engine::Engine;
use crate::table::Scope;
use stdx::future::Boxed;
use store::records::RecordKey;
use store::{Store, StoreError, Visit};

impl Engine {
    /// At most `limit` streams of an account and region, as table name and label: of one table, if it is named, and
    /// behind `after`. In a fixed order in which those of one table are adjacent, the oldest first.
    pub fn stream_names<'a>(
        &'a self,
        scope: &'a Scope,
        table_name: Option<&'a str>,
        after: Option<(&'a str, &'a str)>,
        limit: usize,
    ) -> Boxed<'a, Result<Vec<(String, String)>, StoreError>> {
        Box::pin(async move { names(self.store(), scope, table_name, after, limit).await })
    }
}

pub(super) async fn names(
    store: &dyn Store,
    scope: &Scope,
    table_name: Option<&str>,
    after: Option<(&str, &str)>,
    limit: usize,
) -> Result<Vec<(String, String)>, StoreError> {
    let after = after.map(|(name, label)| document_id(name, label));
    let mut names = Vec::new();
    let visit = &mut |key: &[u8], _: &[u8]| {
        if names.len() == limit {
            return Visit::Stop;
        }
        let id = RecordKey::from_bytes(key).map(|key| key.id).unwrap_or_default();
        let is_after = after.as_ref().is_none_or(|after| id > *after);
        let named = id.split_once('/').filter(|(name, _)| table_name.is_none_or(|wanted| wanted == *name));
        names.extend(named.filter(|_| is_after).map(|(name, label)| (name.to_owned(), label.to_owned())));
        Visit::Continue
    };
    store.records(&document::region_prefix(Kind::Stream, scope), visit).await?;
    Ok(names)
}
