//! updateItem: table, key, options.

use super::options::Options;
use super::schema::table_name;
use super::written::Written;
use super::{Call, cached, items};
use crate::codec::Reader;
use crate::codec::expression::Placeholders;
use crate::errors::Refused;
use model::dynamodb::{UpdateItem, UpdateItemInput};

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let name = table_name(arguments)?;
    let table = call.table(name).await?;
    let key_bytes = arguments.bytes()?;
    let key = items::key_attributes(&table, key_bytes)?;
    let options = Options::read(arguments)?;
    let mut placeholders = Placeholders::default();
    let condition = options.condition.map(|bytes| placeholders.condition(bytes)).transpose()?;
    let update = options.update.map(|bytes| placeholders.update(bytes)).transpose()?;
    let are_changes = options.return_values.as_deref().is_some_and(|values| values.starts_with("UPDATED"));
    let output = call.perform::<UpdateItem>(UpdateItemInput {
        table_name: Some(name.to_owned()),
        key: Some(key),
        return_values: options.return_values,
        return_consumed_capacity: options.capacity,
        return_item_collection_metrics: options.collection_metrics,
        update_expression: update,
        condition_expression: condition,
        expression_attribute_names: placeholders.names(),
        expression_attribute_values: placeholders.into_values(),
        ..UpdateItemInput::default()
    });
    let output = output.await?;
    cached::wrote(call, &table, key_bytes).await?;
    let written = Written {
        attributes: output.attributes,
        are_changes,
        consumed: output.consumed_capacity,
        collection: output.item_collection_metrics,
    };
    written.put(call, &table, out).await
}
