//! A new index on a table that has items: it is maintained from now on, and read once the engine has built it.

use super::super::show;
use super::When;
use crate::checks::{capacity_quota, index_definition};
use crate::errors::{codes, invalid_parameter};
use crate::table_settings;
use engine::Table;
use engine::table::{Change, Index, IndexKind, IndexStatus, KeyAttribute, KeySchema, Projected};
use model::ApiError;
use model::dynamodb::{CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, UpdateTableInput};
use stdx::limits::{GSI_PER_TABLE_MAX, PROJECTED_ATTRIBUTES_MAX};

/// Its keys are among the definitions of this request, whatever the table has.
pub fn check(index: &CreateGlobalSecondaryIndexAction, input: &UpdateTableInput) -> Result<(), ApiError> {
    let Some(definitions) = input.attribute_definitions.as_deref().filter(|list| !list.is_empty()) else {
        return Err(invalid_parameter(format_args!(
            "AttributeDefinitions is not specified for index: {}",
            index.index_name.as_deref().unwrap_or_default()
        )));
    };
    index_definition::new_global_index(&definition(index), definitions)
}

/// The action as CreateTable would have it.
fn definition(index: &CreateGlobalSecondaryIndexAction) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex {
        index_name: index.index_name.clone(),
        key_schema: index.key_schema.clone(),
        projection: index.projection.clone(),
        provisioned_throughput: index.provisioned_throughput.clone(),
        on_demand_throughput: index.on_demand_throughput.clone(),
        warm_throughput: index.warm_throughput.clone(),
    }
}

/// Adds it with the definitions that its key needs; others are dropped.
pub fn apply(
    read: &Table,
    next: &mut Table,
    index: &CreateGlobalSecondaryIndexAction,
    input: &UpdateTableInput,
    when: When,
) -> Result<(), ApiError> {
    let definitions = table_settings::definitions(input.attribute_definitions.as_deref().unwrap_or_default());
    let new = Index {
        number: read.index_number_max + 1,
        status: IndexStatus::Backfilling,
        ..table_settings::global_index(&definition(index), &definitions)
    };
    is_new(read, &new)?;
    keeps_types(read, &new)?;
    is_within_limits(read, &new)?;
    capacity_quota::of_new_index(&definition(index), &read.scope.region)?;
    next.index_number_max = new.number;
    for attribute in new.key.hash.iter().chain(&new.key.range) {
        if !next.attribute_definitions.contains(attribute) {
            next.attribute_definitions.push(attribute.clone());
        }
    }
    show(next, Change::IndexCreating { index: new.number }, when);
    next.indexes.push(new);
    Ok(())
}

fn is_new(table: &Table, new: &Index) -> Result<(), ApiError> {
    match table.index(&new.name) {
        None => Ok(()),
        Some(_) => Err(ApiError::validation("Attempting to create an index which already exists")),
    }
}

/// An attribute that is a key has one type in the table and in all indexes.
fn keeps_types(table: &Table, new: &Index) -> Result<(), ApiError> {
    let schemas = || std::iter::once(&table.key).chain(table.indexes.iter().map(|index| &index.key));
    let redefines = |schema: &&KeySchema| {
        let differs =
            |old: &KeyAttribute| attributes(&new.key).any(|new| new.name == old.name && new.ty != old.ty);
        attributes(schema).any(differs)
    };
    match schemas().find(redefines) {
        None => Ok(()),
        Some(existing) => Err(invalid_parameter(format_args!(
            "Attributes cannot be redefined. Please check that your attribute has the same type as previously \
             defined. Existing schema: {} New schema: {}",
            schema_text(existing),
            schema_text(&new.key)
        ))),
    }
}

fn attributes(schema: &KeySchema) -> impl Iterator<Item = &KeyAttribute> {
    schema.hash.iter().chain(&schema.range)
}

fn schema_text(schema: &KeySchema) -> String {
    let element = |attribute: &KeyAttribute, kind: &str| {
        format!("SchemaElement: key{{{}:{}:{kind}}}", attribute.name, attribute.ty.as_type().tag())
    };
    let hash = schema.hash.iter().map(|attribute| element(attribute, "HASH"));
    let range = schema.range.iter().map(|attribute| element(attribute, "RANGE"));
    format!("Schema:[{}]", hash.chain(range).collect::<Vec<_>>().join(", "))
}

fn is_within_limits(table: &Table, new: &Index) -> Result<(), ApiError> {
    if table.indexes.iter().filter(|index| index.kind == IndexKind::Global).count() >= GSI_PER_TABLE_MAX {
        return Err(ApiError::new(
            codes::LIMIT_EXCEEDED,
            format!(
                "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of \
                 {GSI_PER_TABLE_MAX}"
            ),
        ));
    }
    let named = |index: &Index| match &index.projected {
        Projected::Include(names) => names.len(),
        Projected::All | Projected::KeysOnly => 0,
    };
    if table.indexes.iter().chain([new]).map(named).sum::<usize>() > PROJECTED_ATTRIBUTES_MAX {
        return Err(index_definition::too_many_projected_attributes());
    }
    Ok(())
}
