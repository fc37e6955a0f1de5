//! transactGetItems: tables, keys and projections in parallel; options.

use super::options::Options;
use super::projection::{self, Projection};
use super::{Call, ELEMENTS_MAX, capacity, items};
use crate::codec::expression::Placeholders;
use crate::codec::writer::{put_array, put_null};
use crate::codec::{Fault, Reader};
use crate::errors::Refused;
use dynamodb::DynamoDb;
use engine::Table;
use model::dynamodb::{Get, TransactGetItem, TransactGetItems, TransactGetItemsInput};
use pipeline::Operation;
use std::sync::Arc;

/// The elements of one of the arrays, each bytes or null; null for an array stands for none.
pub(super) fn column<'a>(arguments: &mut Reader<'a>) -> Result<Vec<Option<&'a [u8]>>, Fault> {
    if arguments.take_null()? {
        return Ok(Vec::new());
    }
    let (mut left, mut elements) = (arguments.array()?, Vec::new());
    while left.next(arguments)? {
        if elements.len() == ELEMENTS_MAX {
            return Err(Fault::TooLarge);
        }
        elements.push(arguments.optional_bytes()?);
    }
    Ok(elements)
}

/// The table of an element.
pub(super) async fn table_of(call: &Call<'_>, name: Option<&[u8]>) -> Result<(String, Arc<Table>), Refused> {
    let name = name.and_then(|name| std::str::from_utf8(name).ok()).ok_or(Fault::OtherType)?;
    Ok((name.to_owned(), call.table(name).await?))
}

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let (tables, keys, projections) = (column(arguments)?, column(arguments)?, column(arguments)?);
    let options = Options::read(arguments)?;
    let (mut gets, mut asked) = (Vec::with_capacity(tables.len()), Vec::with_capacity(tables.len()));
    for (at, name) in tables.iter().enumerate() {
        let (name, table) = table_of(call, *name).await?;
        let key = keys.get(at).copied().flatten().ok_or(Fault::CutOff)?;
        let mut get =
            Get { table_name: Some(name), key: Some(items::key_attributes(&table, key)?), ..Get::default() };
        let projection = match projections.get(at).copied().flatten() {
            Some(bytes) => Some(project(bytes, &mut get)?),
            None => None,
        };
        gets.push(TransactGetItem { get: Some(get) });
        asked.push((table, projection));
    }
    let input = |gets| TransactGetItemsInput {
        transact_items: Some(gets),
        return_consumed_capacity: options.capacity.clone(),
    };
    // What is wrong with a projection is told of the one that the client has sent.
    if asked.iter().any(|(_, projection)| projection.as_ref().is_some_and(Projection::goes_into_lists)) {
        <TransactGetItems as Operation<DynamoDb>>::check(input(gets.clone()))?;
        gets.iter_mut().zip(&asked).for_each(|(get, (_, projection))| widen(get, projection.as_ref()));
    }
    let input = input(gets);
    let output = call.perform::<TransactGetItems>(input).await?;
    put_array(out, 0);
    put_array(out, 2);
    put_array(out, asked.len());
    let responses = output.responses.unwrap_or_default();
    for (at, (table, projection)) in asked.iter().enumerate() {
        let item = responses.get(at).and_then(|response| response.item.as_ref());
        match (item, projection) {
            (None, _) => put_null(out),
            (Some(item), Some(projection)) => projection.put(item.as_ref(), out),
            (Some(item), None) => items::put_item(call, table, item.as_ref(), out).await?,
        }
    }
    capacity::put_of_transaction(out, output.consumed_capacity.as_deref());
    Ok(())
}

fn project(bytes: &[u8], get: &mut Get) -> Result<Projection, Fault> {
    let mut placeholders = Placeholders::default();
    let (projection, text) = Projection::read(bytes, &mut placeholders)?;
    (get.projection_expression, get.expression_attribute_names) = (Some(text), placeholders.names());
    Ok(projection)
}

/// Asks for whole attributes where a projection goes into lists.
fn widen(item: &mut TransactGetItem, projection: Option<&Projection>) {
    let lists = projection.filter(|projection| projection.goes_into_lists());
    if let (Some(get), Some(lists)) = (&mut item.get, lists) {
        (get.projection_expression, get.expression_attribute_names) =
            projection::of_attributes(&lists.attributes());
    }
}
