//! The item cache beside the operations: what is true before a read, and what follows a write.

use super::{Call, get_item, items};
use crate::cache::{Before, CacheKey};
use crate::errors::Refused;
use engine::meter::Consistency;
use engine::{ItemKey, Table};
use model::dynamodb::GetItemOutput;
use wire::attribute::Attributes;

/// What is true before the item of a key is read; `None` for a key that the operation will refuse.
pub(super) async fn before_item(call: &Call<'_>, table: &Table, key: Option<&Attributes>) -> Option<Before> {
    let key = ItemKey::exact(table, &key?.item).ok()?;
    Some(call.dax.cache.before_item(&call.dax.dynamodb.engine, &key, call.item_ttl(), call.now_micros).await)
}

/// An item was written by DAX. Where writes past DAX are not to be seen, the cache has the item from now on as it was
/// written.
pub(super) async fn wrote(call: &Call<'_>, table: &Table, key_bytes: &[u8]) -> Result<(), Refused> {
    let (cache, engine) = (&call.dax.cache, &call.dax.dynamodb.engine);
    if cache.sees_all_writes() {
        return Ok(());
    }
    let Ok(item_key) = ItemKey::of(table, &items::read_key(table, key_bytes)?) else { return Ok(()) };
    cache.wrote(table, &item_key);
    let before = cache.before_item(engine, &item_key, call.item_ttl(), call.now_micros).await;
    let Ok(found) = engine.get(table, &item_key, Consistency::Strong, None).await else { return Ok(()) };
    let output = GetItemOutput { item: found.map(|found| found.item), consumed_capacity: None };
    let mut answer = Vec::new();
    get_item::put(call, table, None, &output, &mut answer).await?;
    cache.keep(CacheKey::item(table, key_bytes), before, &answer);
    Ok(())
}
