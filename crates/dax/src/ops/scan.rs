//! scan: table, options.

use super::options::Options;
use super::page::{self, Page};
use super::projection::{self, Projection};
use super::schema::table_name;
use super::{Call, Kept};
use crate::cache::{CacheKey, Kind};
use crate::codec::expression::Placeholders;
use crate::codec::{Method, Reader};
use crate::errors::Refused;
use dynamodb::DynamoDb;
use model::dynamodb::{Scan, ScanInput};
use pipeline::Operation;

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<Kept>, Refused> {
    let name = table_name(arguments)?;
    let table = call.table(name).await?;
    let cached = CacheKey::page(Method::Scan, &table, arguments.rest(), call.ignores_select_all);
    let options = Options::read(arguments)?;
    let mut placeholders = Placeholders::default();
    let filter = options.filter.map(|bytes| placeholders.condition(bytes)).transpose()?;
    let projection =
        options.projection.map(|bytes| Projection::read(bytes, &mut placeholders)).transpose()?;
    let (projection, text) = projection.unzip();
    let mut input = ScanInput {
        table_name: Some(name.to_owned()),
        index_name: options.index.map(str::to_owned),
        exclusive_start_key: page::start_key(&table, &options)?,
        select: page::select(call, options.select),
        limit: options.limit,
        consistent_read: options.consistent_read,
        segment: options.segment,
        total_segments: options.total_segments,
        return_consumed_capacity: options.capacity,
        projection_expression: text,
        filter_expression: filter,
        expression_attribute_names: placeholders.names(),
        expression_attribute_values: placeholders.into_values(),
        ..ScanInput::default()
    };
    if let Some(lists) = projection.as_ref().filter(|projection| projection.goes_into_lists()) {
        <Scan as Operation<DynamoDb>>::check(input.clone())?;
        let used = [&input.filter_expression];
        let names = projection::instead_of(lists, &used, input.expression_attribute_names.take());
        (input.projection_expression, input.expression_attribute_names) = names;
    }
    let reading = (options.consistent_read != Some(true)).then_some(cached);
    if let Some(key) = reading
        && let Some(kept) = call.kept::<Scan>((Kind::Scan, &table, key), &input).await?
    {
        return Ok(Some(kept));
    }
    let before = page::before(call, &table, reading).await;
    let output = call.perform::<Scan>(input).await?;
    let page = Page {
        items: output.items,
        count: output.count,
        scanned_count: output.scanned_count,
        last_evaluated_key: output.last_evaluated_key,
        consumed: output.consumed_capacity,
        is_of_index: options.index.is_some(),
    };
    page.answer(call, &table, projection.as_ref(), before, out).await?;
    Ok(None)
}
