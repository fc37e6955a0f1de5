//! batchWriteItem: a map from table to keys and values in turns, null for a deletion; options.

use super::options::Options;
use super::{Call, ELEMENTS_MAX, cached, capacity, items};
use crate::codec::writer::{put_array, put_map, put_null, put_text};
use crate::codec::{Fault, Reader};
use crate::errors::Refused;
use engine::Table;
use model::dynamodb::{
    BatchWriteItem, BatchWriteItemInput, BatchWriteItemOutput, DeleteRequest, PutRequest, WriteRequest,
};
use std::collections::BTreeMap;
use std::sync::Arc;

type Tables = BTreeMap<String, Arc<Table>>;

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let (mut tables, mut requests, mut written) = (Tables::new(), BTreeMap::new(), Vec::new());
    let mut left = arguments.map()?;
    while left.next(arguments)? {
        if tables.len() == ELEMENTS_MAX {
            return Err(Fault::TooLarge.into());
        }
        let name = arguments.text()?;
        let table = call.table(name).await?;
        let (writes, keys) = read(call, &table, arguments).await?;
        written.extend(keys.into_iter().map(|key| (Arc::clone(&table), key)));
        requests.insert(name.to_owned(), writes);
        tables.insert(name.to_owned(), table);
    }
    let options = Options::read(arguments)?;
    let input = BatchWriteItemInput {
        request_items: Some(requests),
        return_consumed_capacity: options.capacity,
        return_item_collection_metrics: options.collection_metrics,
    };
    let output = call.perform::<BatchWriteItem>(input).await?;
    for (table, key_bytes) in &written {
        cached::wrote(call, table, key_bytes).await?;
    }
    put(call, &tables, &output, out).await
}

/// The writes to a table, and their keys.
async fn read<'a>(
    call: &Call<'_>,
    table: &Table,
    arguments: &mut Reader<'a>,
) -> Result<(Vec<WriteRequest>, Vec<&'a [u8]>), Refused> {
    let (mut left, mut writes, mut keys) = (arguments.array()?, Vec::new(), Vec::new());
    while left.next(arguments)? {
        if keys.len() == ELEMENTS_MAX {
            return Err(Fault::TooLarge.into());
        }
        let key = arguments.bytes()?;
        keys.push(key);
        if !left.next(arguments)? {
            return Err(Fault::CutOff.into());
        }
        writes.push(match arguments.optional_bytes()? {
            Some(values) => {
                let item = Some(items::read_item(call, table, key, values).await?);
                WriteRequest { put_request: Some(PutRequest { item }), delete_request: None }
            }
            None => {
                let key = Some(items::key_attributes(table, key)?);
                WriteRequest { put_request: None, delete_request: Some(DeleteRequest { key }) }
            }
        });
    }
    Ok((writes, keys))
}

async fn put(
    call: &Call<'_>,
    tables: &Tables,
    output: &BatchWriteItemOutput,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    put_array(out, 0);
    let unprocessed = output.unprocessed_items.as_ref();
    put_map(out, unprocessed.map_or(0, BTreeMap::len));
    for (name, writes) in unprocessed.into_iter().flatten() {
        let table = tables.get(name).ok_or(Fault::OtherType)?;
        put_text(out, name);
        put_array(out, 2 * writes.len());
        for write in writes {
            put_write(call, table, write, out).await?;
        }
    }
    capacity::put_each(out, output.consumed_capacity.as_deref());
    capacity::put_collections(out, output.item_collection_metrics.as_ref());
    Ok(())
}

async fn put_write(
    call: &Call<'_>,
    table: &Table,
    write: &WriteRequest,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let item = write.put_request.as_ref().and_then(|put| put.item.as_ref());
    let key = write.delete_request.as_ref().and_then(|delete| delete.key.as_ref());
    let attributes = item.or(key).ok_or(Fault::OtherType)?;
    items::put_key(table, attributes.item.as_ref(), out);
    match item {
        Some(item) => items::put_item(call, table, item.item.as_ref(), out).await?,
        None => put_null(out),
    }
    Ok(())
}
