//! What PutItem, UpdateItem and DeleteItem answer.

use super::{Call, capacity, items};
use crate::codec::item;
use crate::codec::writer::{put_array, put_break, put_int, put_map_until_break, put_nested, put_null};
use crate::errors::Refused;
use engine::Table;
use model::dynamodb::{ConsumedCapacity, ItemCollectionMetrics};
use types::Item;

/// The output of a write.
pub(super) struct Written {
    pub(super) attributes: Option<Item>,
    /// Whether the attributes are those that an update has touched.
    pub(super) are_changes: bool,
    pub(super) consumed: Option<ConsumedCapacity>,
    pub(super) collection: Option<ItemCollectionMetrics>,
}

impl Written {
    pub(super) async fn put(self, call: &Call<'_>, table: &Table, out: &mut Vec<u8>) -> Result<(), Refused> {
        let attributes = self.attributes.filter(|item| !self.are_changes || !item.as_ref().is_empty());
        put_array(out, 0);
        if attributes.is_none() && self.consumed.is_none() && self.collection.is_none() {
            put_null(out);
            return Ok(());
        }
        // The client for Java reads no map with a length here.
        put_map_until_break(out);
        if let Some(consumed) = &self.consumed {
            put_int(out, 1);
            capacity::put_consumed(out, consumed);
        }
        if let Some(attributes) = &attributes {
            put_int(out, 2);
            if self.are_changes {
                let names: Vec<&str> = attributes.as_ref().iter().map(|(name, _)| name).collect();
                let list = call.dax.lists.number(names.into_iter()).await?;
                put_nested(out, |out| item::put_changes(out, list, attributes.as_ref()));
            } else {
                items::put_item(call, table, attributes.as_ref(), out).await?;
            }
        }
        if let Some(collection) = &self.collection {
            put_int(out, 3);
            capacity::put_collection(out, collection);
        }
        put_break(out);
        Ok(())
    }
}
