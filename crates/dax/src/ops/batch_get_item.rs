//! batchGetItem: a map from table to consistency, projection and keys; options. What was consumed follows the answer as
//! a value of its own.

use super::options::Options;
use super::projection::{self, Projection};
use super::{Call, ELEMENTS_MAX, cached, capacity, items};
use crate::cache::{Before, CacheKey, CachedAnswer, Kind};
use crate::codec::expression::Placeholders;
use crate::codec::writer::{put_array, put_bytes, put_map, put_text};
use crate::codec::{Fault, Reader, item};
use crate::errors::Refused;
use engine::Table;
use model::dynamodb::{BatchGetItem, BatchGetItemInput, BatchGetItemOutput, KeysAndAttributes};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::Item;
use wire::attribute::Attributes;

/// What is asked of a table.
struct OfTable<'a> {
    table: Arc<Table>,
    projection: Option<Projection>,
    /// Keys whose items were in the cache, with the answers of getItem.
    hits: Vec<(&'a [u8], CachedAnswer)>,
    /// The others.
    misses: Vec<Miss<'a>>,
}

/// A key whose item must be read.
struct Miss<'a> {
    /// As the client has spelled it.
    bytes: &'a [u8],
    key: Item,
    /// What was true before it was read; `None` where its item is not to be kept.
    before: Option<Before>,
}

type Tables<'a> = BTreeMap<String, OfTable<'a>>;

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let (mut tables, mut whole, mut missing) = (Tables::new(), BTreeMap::new(), BTreeMap::new());
    let mut left = arguments.map()?;
    while left.next(arguments)? {
        if tables.len() == ELEMENTS_MAX {
            return Err(Fault::TooLarge.into());
        }
        let name = arguments.text()?;
        let (of_table, request) = read(call, name, arguments).await?;
        if let Some(missed) = of_table.missed(&request) {
            missing.insert(name.to_owned(), missed);
        }
        tables.insert(name.to_owned(), of_table);
        whole.insert(name.to_owned(), request);
    }
    let options = Options::read(arguments)?;
    let input = |items| BatchGetItemInput {
        request_items: Some(items),
        return_consumed_capacity: options.capacity.clone(),
    };
    let has_hits = tables.values().any(|of_table| !of_table.hits.is_empty());
    // What is wrong with the request is told of the one that the client has sent.
    if has_hits || tables.values().any(OfTable::asks_for_more) {
        call.check::<BatchGetItem>(input(whole)).await?;
    }
    let output = match has_hits && missing.is_empty() {
        true => BatchGetItemOutput::default(),
        false => call.perform::<BatchGetItem>(input(missing)).await?,
    };
    put(call, &tables, &output, out).await
}

impl OfTable<'_> {
    /// Whether whole attributes are read of which parts are answered.
    fn asks_for_more(&self) -> bool {
        self.projection.as_ref().is_some_and(Projection::goes_into_lists)
    }

    /// What must be read of the request; `None` where all is in the cache.
    fn missed(&self, request: &KeysAndAttributes) -> Option<KeysAndAttributes> {
        if self.misses.is_empty() && !self.hits.is_empty() {
            return None;
        }
        let attributes = |miss: &Miss<'_>| Attributes { item: miss.key.clone(), ..Attributes::default() };
        let mut missed = request.clone();
        missed.keys = Some(self.misses.iter().map(attributes).collect());
        if let Some(projection) = self.projection.as_ref().filter(|_| self.asks_for_more()) {
            (missed.projection_expression, missed.expression_attribute_names) =
                projection::of_attributes(&projection.attributes());
        }
        Some(missed)
    }
}

async fn read<'a>(
    call: &Call<'_>,
    name: &str,
    arguments: &mut Reader<'a>,
) -> Result<(OfTable<'a>, KeysAndAttributes), Refused> {
    let table = call.table(name).await?;
    arguments.array_of(3)?;
    let is_consistent = arguments.bool()?;
    let mut request =
        KeysAndAttributes { consistent_read: Some(is_consistent), ..KeysAndAttributes::default() };
    let mut projection = None;
    if let Some(bytes) = arguments.optional_bytes()? {
        let mut placeholders = Placeholders::default();
        let (found, text) = Projection::read(bytes, &mut placeholders)?;
        (request.projection_expression, request.expression_attribute_names) =
            (Some(text), placeholders.names());
        projection = Some(found);
    }
    let is_cached = !is_consistent && projection.is_none();
    let (mut hits, mut misses, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let mut left = arguments.array()?;
    while left.next(arguments)? {
        if keys.len() == ELEMENTS_MAX {
            return Err(Fault::TooLarge.into());
        }
        let bytes = arguments.bytes()?;
        let key = items::key_attributes(&table, bytes)?;
        let cached = is_cached.then(|| CacheKey::item(&table, bytes));
        let found = cached.and_then(|cached| call.cached(Kind::Item, &table, cached));
        match found {
            Some(found) => hits.push((bytes, found)),
            None => {
                let before =
                    if is_cached { cached::before_item(call, &table, Some(&key)).await } else { None };
                misses.push(Miss { bytes, key: key.item.clone(), before });
            }
        }
        keys.push(key);
    }
    request.keys = Some(keys);
    Ok((OfTable { table, projection, hits, misses }, request))
}

async fn put(
    call: &Call<'_>,
    tables: &Tables<'_>,
    output: &BatchGetItemOutput,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    put_array(out, 0);
    put_array(out, 2);
    let (none, unprocessed) = (Vec::new(), output.unprocessed_keys.as_ref());
    put_map(out, tables.len());
    for (name, of_table) in tables {
        let found = output.responses.as_ref().and_then(|responses| responses.get(name)).unwrap_or(&none);
        put_text(out, name);
        put_found(call, of_table, found, out).await?;
        let left = unprocessed.and_then(|left| left.get(name)?.keys.as_deref());
        keep_absent(call, of_table, found, left.unwrap_or_default());
    }
    put_map(out, unprocessed.map_or(0, BTreeMap::len));
    for (name, left) in unprocessed.into_iter().flatten() {
        let table = &tables.get(name).ok_or(Fault::OtherType)?.table;
        let keys = left.keys.as_deref().unwrap_or_default();
        put_text(out, name);
        put_array(out, keys.len());
        keys.iter().for_each(|key| items::put_key(table, key.item.as_ref(), out));
    }
    capacity::put_each(out, output.consumed_capacity.as_deref());
    Ok(())
}

/// Appends the items of a table: keys and values in turns, or maps where there is a projection.
async fn put_found(
    call: &Call<'_>,
    of_table: &OfTable<'_>,
    found: &[Item],
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let OfTable { table, projection, hits, misses } = of_table;
    if let Some(projection) = projection {
        put_array(out, found.len());
        found.iter().for_each(|item| projection.put(item.as_ref(), out));
        return Ok(());
    }
    let hits: Vec<_> = hits.iter().filter_map(|(key, hit)| Some((key, hit.item()?))).collect();
    put_array(out, 2 * (hits.len() + found.len()));
    for (key, item) in hits {
        put_bytes(out, key);
        out.extend_from_slice(item);
    }
    for item in found {
        items::put_key(table, item.as_ref(), out);
        let start = out.len();
        items::put_item(call, table, item.as_ref(), out).await?;
        keep(call, table, misses, item, &out[start..]);
    }
    Ok(())
}

/// Keeps what getItem would answer.
fn keep(call: &Call<'_>, table: &Table, misses: &[Miss<'_>], item: &Item, values: &[u8]) {
    let key = item::key_of(&table.key, item.as_ref());
    if let Some(Miss { bytes, before: Some(before), .. }) = misses.iter().find(|miss| miss.key == key) {
        call.dax.cache.keep(CacheKey::item(table, bytes), *before, &CachedAnswer::of_item(values));
    }
}

/// Keeps that there are no items of keys that were read.
fn keep_absent(call: &Call<'_>, of_table: &OfTable<'_>, found: &[Item], left: &[Attributes]) {
    let OfTable { table, misses, .. } = of_table;
    if misses.len() == found.len() {
        return;
    }
    let found: BTreeSet<Vec<u8>> = found
        .iter()
        .map(|item| item::key_of(&table.key, item.as_ref()))
        .chain(left.iter().map(|key| item::key_of(&table.key, key.item.as_ref())))
        .map(|key| key.as_ref().as_bytes().to_vec())
        .collect();
    for Miss { bytes, key, before } in misses {
        if let (Some(before), false) = (before, found.contains(key.as_ref().as_bytes())) {
            call.dax.cache.keep(CacheKey::item(table, bytes), *before, CachedAnswer::OF_NO_ITEM);
        }
    }
}
