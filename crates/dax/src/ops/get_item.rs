//! getItem: table, key, options. An item that is not there is null: clients make other things of anything else.

use super::options::Options;
use super::projection::{self, Projection};
use super::schema::table_name;
use super::{Call, Kept, cached, capacity, items};
use crate::cache::{CacheKey, Kind};
use crate::codec::Reader;
use crate::codec::expression::Placeholders;
use crate::codec::writer::{put_array, put_int, put_map, put_null};
use crate::errors::Refused;
use dynamodb::DynamoDb;
use engine::Table;
use model::dynamodb::{GetItem, GetItemInput, GetItemOutput};
use pipeline::{Operation, Service as _};

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<Kept>, Refused> {
    let name = table_name(arguments)?;
    let table = call.table(name).await?;
    let key = arguments.bytes()?;
    // They are large, and a hit has none.
    let mut options = Options::default();
    options.fill(arguments)?;
    let may_be_cached = options.projection.is_none() && options.consistent_read != Some(true);
    let cached = may_be_cached.then(|| CacheKey::item(&table, key));
    // The policy of a table is asked with the request, which is not made up for a hit.
    let is_asked = call.dax.dynamodb.has_resource_policies();
    if let Some(cached) = cached.filter(|_| !is_asked)
        && let Some(found) = call.cached(Kind::Item, &table, cached)
    {
        return Ok(Some(found.answer));
    }
    Box::pin(read(call, &table, (name, key), options, cached, is_asked, out)).await
}

/// Reads the item, unless the cache has it and was not asked yet.
async fn read(
    call: &Call<'_>,
    table: &Table,
    (name, key): (&str, &[u8]),
    options: Options<'_>,
    cached: Option<CacheKey<'_>>,
    asks_cache: bool,
    out: &mut Vec<u8>,
) -> Result<Option<Kept>, Refused> {
    let mut input = GetItemInput {
        table_name: Some(name.to_owned()),
        key: Some(items::key_attributes(table, key)?),
        consistent_read: options.consistent_read,
        return_consumed_capacity: options.capacity.clone(),
        ..GetItemInput::default()
    };
    let projection = match options.projection {
        Some(bytes) => Some(project(bytes, &mut input)?),
        None => None,
    };
    let Some(cached) = cached else {
        let output = call.perform::<GetItem>(input).await?;
        put(call, table, projection.as_ref(), &output, out).await?;
        return Ok(None);
    };
    if asks_cache && let Some(kept) = call.kept::<GetItem>((Kind::Item, table, cached), &input).await? {
        return Ok(Some(kept));
    }
    let before = cached::before_item(call, table, input.key.as_ref()).await;
    let mut output = call.perform::<GetItem>(input).await?;
    let consumed = output.consumed_capacity.take();
    put(call, table, None, &output, out).await?;
    if let Some(before) = before {
        call.dax.cache.keep(cached, before, out);
    }
    if consumed.is_some() {
        out.clear();
        output.consumed_capacity = consumed;
        put(call, table, None, &output, out).await?;
    }
    Ok(None)
}

/// Gives the input a projection. What is wrong with it is told of the one that the client has sent.
fn project(bytes: &[u8], input: &mut GetItemInput) -> Result<Projection, Refused> {
    let mut placeholders = Placeholders::default();
    let (projection, text) = Projection::read(bytes, &mut placeholders)?;
    (input.projection_expression, input.expression_attribute_names) = (Some(text), placeholders.names());
    if projection.goes_into_lists() {
        <GetItem as Operation<DynamoDb>>::check(input.clone())?;
        (input.projection_expression, input.expression_attribute_names) =
            projection::of_attributes(&projection.attributes());
    }
    Ok(projection)
}

/// Appends an answer.
pub(super) async fn put(
    call: &Call<'_>,
    table: &Table,
    projection: Option<&Projection>,
    output: &GetItemOutput,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let members = usize::from(output.item.is_some()) + usize::from(output.consumed_capacity.is_some());
    put_array(out, 0);
    if members == 0 {
        put_null(out);
        return Ok(());
    }
    put_map(out, members);
    if let Some(item) = &output.item {
        put_int(out, 0);
        match projection {
            Some(projection) => projection.put(item.as_ref(), out),
            None => items::put_item(call, table, item.as_ref(), out).await?,
        }
    }
    if let Some(consumed) = &output.consumed_capacity {
        put_int(out, 1);
        capacity::put_consumed(out, consumed);
    }
    Ok(())
}
