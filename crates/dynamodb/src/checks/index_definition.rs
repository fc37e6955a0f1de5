//! Definitions of secondary indexes: keys, projection, names, throughput, and how many a table may have.

use crate::checks::key_schema::{
    elements, global_key_schema_shape, index_keys_are_defined, key_schema_shape, name,
};
use crate::checks::throughput::{Of, on_demand_throughput, warm_throughput, within_bounds};
use crate::errors::invalid_parameter;
use model::ApiError;
use model::dynamodb::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex, Projection,
};
use std::collections::BTreeSet;
use stdx::limits::{GSI_PER_TABLE_MAX, LSI_PER_TABLE_MAX, PROJECTED_ATTRIBUTES_MAX};

/// Local secondary indexes beside each other and beside the keys of their table.
pub fn local_indexes(
    indexes: &[LocalSecondaryIndex],
    table_keys: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    if table_keys.len() < 2 {
        return Err(invalid_parameter(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ));
    }
    indexes.iter().try_for_each(|index| index_keys_are_defined(elements(&index.key_schema), definitions))?;
    indexes.iter().try_for_each(|index| local_index(index, name(&table_keys[0])))?;
    no_duplicates(indexes.iter().map(|index| index.index_name.as_deref()))?;
    if indexes.len() > LSI_PER_TABLE_MAX {
        return Err(invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5"));
    }
    Ok(())
}

fn local_index(index: &LocalSecondaryIndex, table_hash: &str) -> Result<(), ApiError> {
    let keys = elements(&index.key_schema);
    let index_name = index.index_name.as_deref().unwrap_or_default();
    key_schema_shape(keys)?;
    if keys.len() < 2 {
        return Err(invalid_parameter(format_args!(
            "Index KeySchema does not have a range key for index: {index_name}"
        )));
    }
    let hash = name(&keys[0]);
    if hash != table_hash {
        return Err(invalid_parameter(format_args!(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: {index_name}. \
             index hash key: {hash}, table hash key: {table_hash}"
        )));
    }
    projection(index.projection.as_ref())
}

/// Checks across global secondary indexes; `on_demand` is the billing mode of their table.
pub fn global_indexes(
    indexes: &[GlobalSecondaryIndex],
    definitions: &[AttributeDefinition],
    on_demand: bool,
) -> Result<(), ApiError> {
    indexes.iter().try_for_each(|index| index_keys_are_defined(elements(&index.key_schema), definitions))?;
    for index in indexes {
        global_key_schema_shape(elements(&index.key_schema))?;
        projection(index.projection.as_ref())?;
    }
    no_duplicates(indexes.iter().map(|index| index.index_name.as_deref()))?;
    if indexes.len() > GSI_PER_TABLE_MAX {
        return Err(invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20"));
    }
    indexes.iter().try_for_each(|index| global_index_throughput(index, on_demand))
}

/// A global secondary index that is added to a table, without its throughput.
pub fn new_global_index(
    index: &GlobalSecondaryIndex,
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    index_keys_are_defined(elements(&index.key_schema), definitions)?;
    global_key_schema_shape(elements(&index.key_schema))?;
    projection(index.projection.as_ref())
}

fn global_index_throughput(index: &GlobalSecondaryIndex, on_demand: bool) -> Result<(), ApiError> {
    let index_name = index.index_name.as_deref().unwrap_or_default();
    match &index.provisioned_throughput {
        Some(_) if on_demand => Err(invalid_parameter(format_args!(
            "ProvisionedThroughput should not be specified for index: {index_name} when BillingMode is PAY_PER_REQUEST"
        ))),
        None if !on_demand => Err(invalid_parameter(format_args!(
            "ProvisionedThroughput is not specified for index: {index_name}"
        ))),
        throughput => {
            throughput.as_ref().map_or(Ok(()), within_bounds)?;
            on_demand_throughput(index.on_demand_throughput.as_ref(), on_demand, Of::Index(index_name))?;
            warm_throughput(index.warm_throughput.as_ref(), throughput.as_ref(), Of::Index(index_name))
        }
    }
}

fn projection(projection: Option<&Projection>) -> Result<(), ApiError> {
    let Some(projection) = projection else { return Ok(()) };
    let Some(kind) = projection.projection_type.as_deref() else {
        return Err(invalid_parameter("Unknown ProjectionType: null"));
    };
    match (kind, &projection.non_key_attributes) {
        ("INCLUDE", None) => {
            Err(invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"))
        }
        ("INCLUDE", Some(names)) => each_name_once(names),
        (_, None) => Ok(()),
        (kind, Some(_)) => Err(invalid_parameter(format_args!(
            "ProjectionType is {kind}, but NonKeyAttributes is specified"
        ))),
    }
}

fn each_name_once(names: &[String]) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(invalid_parameter(format_args!("Duplicate element in NonKeyAttributes: {name}"))),
    }
}

/// No two indexes of a table have one name.
pub fn no_duplicates<'a>(names: impl Iterator<Item = Option<&'a str>>) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    for name in names.flatten() {
        if !seen.insert(name) {
            return Err(invalid_parameter(format_args!("Duplicate index name: {name}")));
        }
    }
    Ok(())
}

/// All indexes of a table together project few attributes by name.
pub fn projected_attributes_are_few<'a>(
    projections: impl Iterator<Item = &'a Projection>,
) -> Result<(), ApiError> {
    let lists = projections.filter_map(|projection| projection.non_key_attributes.as_ref());
    if lists.map(Vec::len).sum::<usize>() > PROJECTED_ATTRIBUTES_MAX {
        return Err(too_many_projected_attributes());
    }
    Ok(())
}

/// All indexes of a table together project too many attributes by name.
pub fn too_many_projected_attributes() -> ApiError {
    invalid_parameter("Number of projected attributes in all indexes exceeds the per-table limit of 100")
}
