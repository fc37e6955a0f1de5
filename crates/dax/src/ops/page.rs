//! What Query and Scan have in common: where a page begins, and what it answers.

use super::options::Options;
use super::projection::Projection;
use super::{Call, capacity, items};
use crate::cache::{Before, CacheKey};
use crate::codec::value::{self, Findings};
use crate::codec::writer::{put_array, put_break, put_int, put_map_until_break, put_nested, put_text};
use crate::codec::{Fault, Reader};
use crate::errors::Refused;
use engine::Table;
use model::dynamodb::ConsumedCapacity;
use types::{Item, ItemBuilder, MapRef};
use wire::attribute::Attributes;

/// A page of items.
pub(super) struct Page {
    pub(super) items: Option<Vec<Item>>,
    pub(super) count: Option<i64>,
    pub(super) scanned_count: Option<i64>,
    pub(super) last_evaluated_key: Option<Item>,
    pub(super) consumed: Option<ConsumedCapacity>,
    pub(super) is_of_index: bool,
}

/// The key that the page begins behind: the table's, or a map of the attributes where it is an index's.
pub(super) fn start_key(table: &Table, options: &Options<'_>) -> Result<Option<Attributes>, Refused> {
    match options.start_key {
        None => Ok(None),
        Some(bytes) if options.index.is_some() => Ok(Some(read_attributes(bytes)?)),
        Some(bytes) => items::key_attributes(table, bytes).map(Some),
    }
}

fn read_attributes(bytes: &[u8]) -> Result<Attributes, Fault> {
    let (mut reader, mut item) = (Reader::new(bytes), ItemBuilder::new());
    let (mut left, mut findings, mut encoded) = (reader.map()?, Findings::default(), Vec::new());
    while left.next(&mut reader)? {
        let name = reader.text()?;
        encoded.clear();
        value::read_into(&mut reader, &mut encoded, &mut findings)?;
        item.put_encoded(name, &encoded);
    }
    Ok(findings.into_attributes(item.build()))
}

/// What Select asks for. Some clients ask for all attributes where the application has asked for nothing.
pub(super) fn select(call: &Call<'_>, select: Option<String>) -> Option<String> {
    select.filter(|select| !(call.ignores_select_all && select == "ALL_ATTRIBUTES"))
}

/// What is true before a page is read that may be kept, and under which key.
pub(super) async fn before<'k>(
    call: &Call<'_>,
    table: &Table,
    key: Option<CacheKey<'k>>,
) -> Option<(CacheKey<'k>, Before)> {
    let before = call
        .dax
        .cache
        .before_page(&call.dax.dynamodb.engine, table, call.query_ttl(), call.now_micros)
        .await?;
    key.map(|key| (key, before))
}

impl Page {
    /// Appends the page, and keeps it without what it has cost.
    pub(super) async fn answer(
        mut self,
        call: &Call<'_>,
        table: &Table,
        projection: Option<&Projection>,
        kept: Option<(CacheKey<'_>, Before)>,
        out: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let consumed = self.consumed.take();
        if let Some((key, before)) = kept {
            self.put(call, table, projection, out).await?;
            call.dax.cache.keep(key, before, out);
            if consumed.is_none() {
                return Ok(());
            }
            out.clear();
        }
        self.consumed = consumed;
        self.put(call, table, projection, out).await
    }

    async fn put(
        &self,
        call: &Call<'_>,
        table: &Table,
        projection: Option<&Projection>,
        out: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        put_array(out, 0);
        // The client for Java reads no map with a length here.
        put_map_until_break(out);
        if let Some(page) = &self.items {
            put_int(out, 7);
            put_items(call, table, projection, page, out).await?;
        }
        for (member, count) in [(8, self.count), (10, self.scanned_count)] {
            if let Some(count) = count {
                put_int(out, member);
                put_int(out, count);
            }
        }
        if let Some(key) = &self.last_evaluated_key {
            put_int(out, 9);
            match self.is_of_index {
                true => put_nested(out, |out| put_index_key(key.as_ref(), out)),
                false => items::put_key(table, key.as_ref(), out),
            }
        }
        if let Some(consumed) = &self.consumed {
            put_int(out, 1);
            capacity::put_consumed(out, consumed);
        }
        put_break(out);
        Ok(())
    }
}

async fn put_items(
    call: &Call<'_>,
    table: &Table,
    projection: Option<&Projection>,
    page: &[Item],
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    put_array(out, page.len());
    for item in page {
        match projection {
            Some(projection) => projection.put(item.as_ref(), out),
            None => {
                put_array(out, 2);
                items::put_key(table, item.as_ref(), out);
                items::put_item(call, table, item.as_ref(), out).await?;
            }
        }
    }
    Ok(())
}

/// Without a length: some clients read it no other way.
fn put_index_key(key: MapRef<'_>, out: &mut Vec<u8>) {
    put_map_until_break(out);
    for (name, value) in key.iter() {
        put_text(out, name);
        value::put_value(out, value);
    }
    put_break(out);
}
