//! Changing the tags of a table or a stream while others may be changing the same table.

use crate::checks::tagged_resource::TaggedResource;
use crate::checks::tags::Tags;
use crate::errors::tags_being_updated;
use crate::service::DynamoDb;
use crate::table_change;
use model::ApiError;
use pipeline::Cx;

/// How often a change is made again because the table was changed meanwhile.
const TRIES_MAX: usize = 100;

/// Makes a change of tags: on the newest descriptor, and again on a newer one where that was changed since it was
/// read. A change that changes nothing writes nothing.
pub async fn apply(
    cx: &Cx<'_, DynamoDb>,
    resource: &TaggedResource,
    change: impl Fn(&mut Tags) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    for _ in 0..TRIES_MAX {
        let table = resource.find(cx).await?;
        let old = resource.tags(&table).cloned().unwrap_or_default();
        let mut new = old.clone();
        change(&mut new)?;
        if new == old {
            return Ok(());
        }
        if table_change::attempt(cx, &table, |table| resource.set_tags(table, new)).await?.is_some() {
            return Ok(());
        }
    }
    Err(tags_being_updated(&resource.table))
}
