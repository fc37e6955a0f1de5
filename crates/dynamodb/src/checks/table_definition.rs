//! Rules between the members that define a table: key schema, definitions, indexes, throughput. Judged from
//! the request alone, in the order DynamoDB reports them. The members one by one have been checked before
//! (required, lengths, enums).

use crate::checks::java_hash_order::{Table, java_hash_order};
use crate::describe::{ON_DEMAND_WARM_READ_UNITS, ON_DEMAND_WARM_WRITE_UNITS};
use model::ApiError;
use model::dynamodb::{
    AttributeDefinition, CreateTableInput, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex,
    OnDemandThroughput, Projection, ProvisionedThroughput, WarmThroughput,
};
use stdx::limits::{GSI_PER_TABLE_MAX, LSI_PER_TABLE_MAX, PROJECTED_ATTRIBUTES_MAX};

/// Largest throughput that is accepted at all; quotas come later.
const THROUGHPUT_BOUND: i64 = 1_000_000_000_000;
/// HASH, and RANGE, attributes a global secondary index may have.
const GSI_KEY_ATTRIBUTES_PER_KIND_MAX: usize = 4;

/// All rules of CreateTable between its members, the first broken one.
pub fn check(input: &CreateTableInput) -> Result<(), ApiError> {
    let keys = elements(&input.key_schema);
    let definitions = input.attribute_definitions.as_deref().unwrap_or_default();
    throughput(input)?;
    on_demand_throughput(input.on_demand_throughput.as_ref(), is_on_demand(input))?;
    warm_throughput(input.warm_throughput.as_ref(), input.provisioned_throughput.as_ref())?;
    key_attributes_are_defined(keys, definitions)?;
    key_schema_shape(keys)?;
    index_lists_are_not_empty(input)?;
    local_indexes(input, keys, definitions)?;
    global_indexes(input, definitions)?;
    index_names_are_distinct(input)?;
    projected_attributes_are_few(input)?;
    definitions_are_used(input, keys, definitions)?;
    stream(input)
}

fn is_on_demand(input: &CreateTableInput) -> bool {
    input.billing_mode.as_deref() == Some("PAY_PER_REQUEST")
}

/// A ValidationException that begins as most of them do.
fn invalid(what: impl std::fmt::Display) -> ApiError {
    ApiError::validation(format!("One or more parameter values were invalid: {what}"))
}

fn elements(schema: &Option<Vec<KeySchemaElement>>) -> &[KeySchemaElement] {
    schema.as_deref().unwrap_or_default()
}

fn name(element: &KeySchemaElement) -> &str {
    element.attribute_name.as_deref().unwrap_or_default()
}

fn is_hash(element: &KeySchemaElement) -> bool {
    element.key_type.as_deref() == Some("HASH")
}

fn throughput(input: &CreateTableInput) -> Result<(), ApiError> {
    match &input.provisioned_throughput {
        Some(_) if is_on_demand(input) => Err(invalid(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        )),
        None if !is_on_demand(input) => Err(invalid(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        )),
        Some(throughput) => within_bounds(throughput),
        None => Ok(()),
    }
}

fn within_bounds(throughput: &ProvisionedThroughput) -> Result<(), ApiError> {
    for (units, member) in [
        (throughput.read_capacity_units, "ReadCapacityUnits"),
        (throughput.write_capacity_units, "WriteCapacityUnits"),
    ] {
        if let Some(units) = units.filter(|units| *units > THROUGHPUT_BOUND) {
            return Err(ApiError::validation(format!("Given value {units} for {member} is out of bounds")));
        }
    }
    Ok(())
}

fn on_demand_throughput(throughput: Option<&OnDemandThroughput>, on_demand: bool) -> Result<(), ApiError> {
    let Some(throughput) = throughput else { return Ok(()) };
    let members = [
        ("MaxReadRequestUnits", throughput.max_read_request_units),
        ("MaxWriteRequestUnits", throughput.max_write_request_units),
    ];
    if let Some((member, _)) = members.iter().find(|(_, units)| units.is_some() && !on_demand) {
        return Err(invalid(format_args!(
            "{member} for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED."
        )));
    }
    match members.iter().find(|(_, units)| units.is_some_and(|units| units < 1)) {
        Some((member, _)) => Err(invalid(format_args!(
            "Requested {member} for OnDemandThroughput for table is outside of valid range"
        ))),
        None => Ok(()),
    }
}

/// Warm throughput may only be raised: beyond what is provisioned, or what an on-demand table begins with.
fn warm_throughput(
    warm: Option<&WarmThroughput>,
    provisioned: Option<&ProvisionedThroughput>,
) -> Result<(), ApiError> {
    let Some(warm) = warm else { return Ok(()) };
    let (read, write) = match provisioned {
        Some(units) => (units.read_capacity_units.unwrap_or(1), units.write_capacity_units.unwrap_or(1)),
        None => (ON_DEMAND_WARM_READ_UNITS, ON_DEMAND_WARM_WRITE_UNITS),
    };
    for (member, units, least) in [
        ("ReadUnitsPerSecond", warm.read_units_per_second, read),
        ("WriteUnitsPerSecond", warm.write_units_per_second, write),
    ] {
        if units.is_some_and(|units| units < least) {
            return Err(invalid(format_args!(
                "Requested {member} for WarmThroughput for table is outside of valid range"
            )));
        }
    }
    Ok(())
}

/// The table's own keys. With two keys, or one repeated, the message names nothing.
fn key_attributes_are_defined(
    keys: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    let repeated = matches!(keys, [a, b] if name(a) == name(b));
    if keys.iter().all(|key| defines(definitions, name(key))) && !repeated {
        return Ok(());
    }
    match keys {
        [key] if !definitions.is_empty() => Err(not_defined([name(key)], definitions)),
        _ => Err(ApiError::validation("Invalid KeySchema: Some index key attribute have no definition")),
    }
}

/// The keys of an index: the message lists names where there are at least as many definitions as keys.
fn index_keys_are_defined(
    keys: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    if keys.iter().all(|key| defines(definitions, name(key))) {
        return Ok(());
    }
    let distinct = java_hash_order(keys.iter().map(name), Table::SizedToCount);
    if definitions.len() < distinct.len() {
        return Err(ApiError::validation("Invalid KeySchema: Some index key attribute have no definition"));
    }
    Err(not_defined(distinct, definitions))
}

fn not_defined<'a>(keys: impl IntoIterator<Item = &'a str>, definitions: &[AttributeDefinition]) -> ApiError {
    let keys: Vec<_> = keys.into_iter().collect();
    invalid(format_args!(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
        keys.join(", "),
        java_hash_order(names(definitions), Table::SizedToCount).join(", ")
    ))
}

fn names(definitions: &[AttributeDefinition]) -> impl Iterator<Item = &str> {
    definitions.iter().map(|definition| definition.attribute_name.as_deref().unwrap_or_default())
}

fn defines(definitions: &[AttributeDefinition], wanted: &str) -> bool {
    names(definitions).any(|name| name == wanted)
}

/// One HASH, at most one RANGE behind it: tables and local secondary indexes.
fn key_schema_shape(keys: &[KeySchemaElement]) -> Result<(), ApiError> {
    if !keys.first().is_some_and(is_hash) {
        return Err(ApiError::validation(
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ));
    }
    let [first, second] = keys else { return Ok(()) };
    if name(first) == name(second) {
        return Err(same_name());
    }
    if is_hash(second) {
        return Err(ApiError::validation(
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ));
    }
    Ok(())
}

fn same_name() -> ApiError {
    ApiError::validation("Both the Hash Key and the Range Key element in the KeySchema have the same name")
}

/// Up to four HASH attributes, then up to four RANGE attributes, no name twice.
fn global_key_schema_shape(keys: &[KeySchemaElement]) -> Result<(), ApiError> {
    if !keys.first().is_some_and(is_hash) {
        return Err(ApiError::validation(
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ));
    }
    if matches!(keys, [a, b] if !is_hash(b) && name(a) == name(b)) {
        return Err(same_name());
    }
    if keys.iter().enumerate().any(|(i, key)| keys[..i].iter().any(|earlier| name(earlier) == name(key))) {
        return Err(ApiError::validation(
            "The KeySchema contains multiple key attributes with the same name",
        ));
    }
    if keys.windows(2).any(|pair| !is_hash(&pair[0]) && is_hash(&pair[1])) {
        return Err(invalid("All HASH key attributes must precede RANGE key attributes in the KeySchema"));
    }
    let hashes = keys.iter().filter(|key| is_hash(key)).count();
    for (count, kind) in [(hashes, "HASH"), (keys.len() - hashes, "RANGE")] {
        if count > GSI_KEY_ATTRIBUTES_PER_KIND_MAX {
            return Err(invalid(format_args!(
                "The KeySchema exceeds the maximum allowed number of {kind} key attributes"
            )));
        }
    }
    Ok(())
}

fn index_lists_are_not_empty(input: &CreateTableInput) -> Result<(), ApiError> {
    let empty = |list: &str| Err(invalid(format_args!("List of {list} is empty")));
    if input.local_secondary_indexes.as_ref().is_some_and(Vec::is_empty) {
        return empty("LocalSecondaryIndexes");
    }
    if input.global_secondary_indexes.as_ref().is_some_and(Vec::is_empty) {
        return empty("GlobalSecondaryIndexes");
    }
    Ok(())
}

fn local_indexes(
    input: &CreateTableInput,
    table_keys: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<(), ApiError> {
    let Some(indexes) = &input.local_secondary_indexes else { return Ok(()) };
    if table_keys.len() < 2 {
        return Err(invalid(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ));
    }
    indexes.iter().try_for_each(|index| index_keys_are_defined(elements(&index.key_schema), definitions))?;
    indexes.iter().try_for_each(|index| local_index(index, name(&table_keys[0])))?;
    no_duplicates(indexes.iter().map(|index| index.index_name.as_deref()))?;
    if indexes.len() > LSI_PER_TABLE_MAX {
        return Err(invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5"));
    }
    Ok(())
}

fn local_index(index: &LocalSecondaryIndex, table_hash: &str) -> Result<(), ApiError> {
    let keys = elements(&index.key_schema);
    let index_name = index.index_name.as_deref().unwrap_or_default();
    key_schema_shape(keys)?;
    if keys.len() < 2 {
        return Err(invalid(format_args!(
            "Index KeySchema does not have a range key for index: {index_name}"
        )));
    }
    let hash = name(&keys[0]);
    if hash != table_hash {
        return Err(invalid(format_args!(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: {index_name}. \
             index hash key: {hash}, table hash key: {table_hash}"
        )));
    }
    projection(index.projection.as_ref())
}

fn global_indexes(input: &CreateTableInput, definitions: &[AttributeDefinition]) -> Result<(), ApiError> {
    let Some(indexes) = &input.global_secondary_indexes else { return Ok(()) };
    indexes.iter().try_for_each(|index| index_keys_are_defined(elements(&index.key_schema), definitions))?;
    for index in indexes {
        global_key_schema_shape(elements(&index.key_schema))?;
        projection(index.projection.as_ref())?;
    }
    no_duplicates(indexes.iter().map(|index| index.index_name.as_deref()))?;
    if indexes.len() > GSI_PER_TABLE_MAX {
        return Err(invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20"));
    }
    indexes.iter().try_for_each(|index| global_index_throughput(index, is_on_demand(input)))
}

fn global_index_throughput(index: &GlobalSecondaryIndex, on_demand: bool) -> Result<(), ApiError> {
    let index_name = index.index_name.as_deref().unwrap_or_default();
    match &index.provisioned_throughput {
        Some(_) if on_demand => Err(invalid(format_args!(
            "ProvisionedThroughput should not be specified for index: {index_name} when BillingMode is PAY_PER_REQUEST"
        ))),
        None if !on_demand => {
            Err(invalid(format_args!("ProvisionedThroughput must be specified for index: {index_name}")))
        }
        throughput => {
            throughput.as_ref().map_or(Ok(()), within_bounds)?;
            on_demand_throughput(index.on_demand_throughput.as_ref(), on_demand)?;
            warm_throughput(index.warm_throughput.as_ref(), throughput.as_ref())
        }
    }
}

fn projection(projection: Option<&Projection>) -> Result<(), ApiError> {
    let Some(projection) = projection else { return Ok(()) };
    let Some(kind) = projection.projection_type.as_deref() else {
        return Err(invalid("Unknown ProjectionType: null"));
    };
    match (kind, &projection.non_key_attributes) {
        ("INCLUDE", None) => Err(invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")),
        ("INCLUDE", Some(_)) | (_, None) => Ok(()),
        (kind, Some(_)) => {
            Err(invalid(format_args!("ProjectionType is {kind}, but NonKeyAttributes is specified")))
        }
    }
}

fn index_names_are_distinct(input: &CreateTableInput) -> Result<(), ApiError> {
    let local = input.local_secondary_indexes.iter().flatten().map(|index| index.index_name.as_deref());
    let global = input.global_secondary_indexes.iter().flatten().map(|index| index.index_name.as_deref());
    no_duplicates(local.chain(global))
}

fn no_duplicates<'a>(names: impl Iterator<Item = Option<&'a str>>) -> Result<(), ApiError> {
    let mut seen = std::collections::HashSet::new();
    for name in names.flatten() {
        if !seen.insert(name) {
            return Err(invalid(format_args!("Duplicate index name: {name}")));
        }
    }
    Ok(())
}

fn projected_attributes_are_few(input: &CreateTableInput) -> Result<(), ApiError> {
    let local = input.local_secondary_indexes.iter().flatten().map(|index| &index.projection);
    let global = input.global_secondary_indexes.iter().flatten().map(|index| &index.projection);
    let lists = local.chain(global).flatten().filter_map(|projection| projection.non_key_attributes.as_ref());
    if lists.map(Vec::len).sum::<usize>() > PROJECTED_ATTRIBUTES_MAX {
        return Err(invalid(
            "Number of projected attributes in all indexes exceeds the per-table limit of 100",
        ));
    }
    Ok(())
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
        return Err(invalid(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
        ));
    }
    Err(invalid(format_args!(
        "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: [{}]",
        java_hash_order(names(definitions), Table::SizedToCount).join(", "),
        used.join(", ")
    )))
}

fn stream(input: &CreateTableInput) -> Result<(), ApiError> {
    let Some(stream) = &input.stream_specification else { return Ok(()) };
    match (stream.stream_enabled, &stream.stream_view_type) {
        (Some(true), None) => Err(invalid("StreamEnabled is true, but StreamViewType is not specified")),
        (Some(false) | None, Some(_)) => Err(invalid(
            "Table is being created with a stream disabled, UpdateViewType should not be specified",
        )),
        _ => Ok(()),
    }
}
