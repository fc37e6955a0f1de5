//! Rules between the members that define a table: key schema, definitions, indexes, throughput. Judged from
//! the request alone, in the order DynamoDB reports them. The members one by one have been checked before
//! (required, lengths, enums).

use crate::checks::index_definition;
use crate::checks::java_hash_order::{Table, java_hash_order};
use crate::checks::key_schema::{elements, key_attributes_are_defined, key_schema_shape, name, names};
use crate::checks::throughput::{Of, on_demand_throughput, provisioned_throughput, warm_throughput};
use crate::errors::invalid_parameter;
use model::ApiError;
use model::dynamodb::{AttributeDefinition, CreateTableInput, KeySchemaElement, StreamSpecification};
use std::collections::BTreeSet;

/// All rules of CreateTable between its members, the first broken one.
pub fn check(input: &CreateTableInput) -> Result<(), ApiError> {
    let keys = elements(&input.key_schema);
    let definitions = input.attribute_definitions.as_deref().unwrap_or_default();
    let (on_demand, provisioned) = (is_on_demand(input), input.provisioned_throughput.as_ref());
    provisioned_throughput(provisioned, on_demand)?;
    on_demand_throughput(input.on_demand_throughput.as_ref(), on_demand, Of::Table)?;
    warm_throughput(input.warm_throughput.as_ref(), provisioned, Of::Table)?;
    names_are_defined_once(definitions)?;
    key_attributes_are_defined(keys, definitions)?;
    key_schema_shape(keys)?;
    indexes(input, keys, definitions)?;
    definitions_are_used(input, keys, definitions)?;
    input.stream_specification.as_ref().map_or(Ok(()), stream)
}

fn indexes(
    input: &CreateTableInput,
    keys: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    index_lists_are_not_empty(input)?;
    if let Some(local) = &input.local_secondary_indexes {
        index_definition::local_indexes(local, keys, definitions)?;
    }
    if let Some(global) = &input.global_secondary_indexes {
        index_definition::global_indexes(global, definitions, is_on_demand(input))?;
    }
    index_names_are_distinct(input)?;
    projected_attributes_are_few(input)
}

fn index_lists_are_not_empty(input: &CreateTableInput) -> Result<(), ApiError> {
    let empty = |list: &str| Err(invalid_parameter(format_args!("List of {list} is empty")));
    if input.local_secondary_indexes.as_ref().is_some_and(Vec::is_empty) {
        return empty("LocalSecondaryIndexes");
    }
    if input.global_secondary_indexes.as_ref().is_some_and(Vec::is_empty) {
        return empty("GlobalSecondaryIndexes");
    }
    Ok(())
}

fn index_names_are_distinct(input: &CreateTableInput) -> Result<(), ApiError> {
    let local = input.local_secondary_indexes.iter().flatten().map(|index| index.index_name.as_deref());
    let global = input.global_secondary_indexes.iter().flatten().map(|index| index.index_name.as_deref());
    index_definition::no_duplicates(local.chain(global))
}

fn projected_attributes_are_few(input: &CreateTableInput) -> Result<(), ApiError> {
    let local = input.local_secondary_indexes.iter().flatten().map(|index| &index.projection);
    let global = input.global_secondary_indexes.iter().flatten().map(|index| &index.projection);
    index_definition::projected_attributes_are_few(local.chain(global).flatten())
}

fn is_on_demand(input: &CreateTableInput) -> bool {
    input.billing_mode.as_deref() == Some("PAY_PER_REQUEST")
}

/// Whatever the types and whether it is used or not. DynamoDB reports this before it looks for unused definitions;
/// that it comes before the key attributes as well is an assumption.
fn names_are_defined_once(definitions: &[AttributeDefinition]) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    match names(definitions).find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(ApiError::validation(format!("Attribute Name is duplicated: {name}"))),
    }
}

fn definitions_are_used(
    input: &CreateTableInput,
    keys: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    let local = input.local_secondary_indexes.iter().flatten().flat_map(|index| elements(&index.key_schema));
    let global =
        input.global_secondary_indexes.iter().flatten().flat_map(|index| elements(&index.key_schema));
    let used = java_hash_order(keys.iter().chain(local).chain(global).map(name), Table::Default);
    if used.len() == definitions.len() {
        return Ok(());
    }
    if input.local_secondary_indexes.is_none() && input.global_secondary_indexes.is_none() {
        return Err(invalid_parameter(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
        ));
    }
    Err(invalid_parameter(format_args!(
        "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: [{}]",
        java_hash_order(names(definitions), Table::SizedToCount).join(", "),
        used.join(", ")
    )))
}

fn stream(stream: &StreamSpecification) -> Result<(), ApiError> {
    match (stream.stream_enabled, &stream.stream_view_type) {
        (Some(true), None) => {
            Err(invalid_parameter("StreamEnabled is true, but StreamViewType is not specified"))
        }
        (Some(false) | None, Some(_)) => Err(invalid_parameter(
            "Table is being created with a stream disabled, UpdateViewType should not be specified",
        )),
        _ => Ok(()),
    }
}
