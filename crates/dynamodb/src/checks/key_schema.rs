//! Key schemas of tables and indexes: that their attributes are defined, and how many of which kind they have in which
//! order.

use crate::checks::java_hash_order::{Table, java_hash_order};
use crate::errors::invalid_parameter;
use model::ApiError;
use model::dynamodb::{AttributeDefinition, KeySchemaElement};

/// HASH, and RANGE, attributes a global secondary index may have.
const GSI_KEY_ATTRIBUTES_PER_KIND_MAX: usize = 4;

/// The table's own keys. With two keys, or one repeated, the message names nothing.
pub fn key_attributes_are_defined(
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
pub fn index_keys_are_defined(
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
    invalid_parameter(format_args!(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
        keys.join(", "),
        java_hash_order(names(definitions), Table::SizedToCount).join(", ")
    ))
}

/// One HASH, at most one RANGE behind it: tables and local secondary indexes.
pub fn key_schema_shape(keys: &[KeySchemaElement]) -> Result<(), ApiError> {
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
pub fn global_key_schema_shape(keys: &[KeySchemaElement]) -> Result<(), ApiError> {
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
        return Err(invalid_parameter(
            "All HASH key attributes must precede RANGE key attributes in the KeySchema",
        ));
    }
    let hashes = keys.iter().filter(|key| is_hash(key)).count();
    for (count, kind) in [(hashes, "HASH"), (keys.len() - hashes, "RANGE")] {
        if count > GSI_KEY_ATTRIBUTES_PER_KIND_MAX {
            return Err(invalid_parameter(format_args!(
                "The KeySchema exceeds the maximum allowed number of {kind} key attributes"
            )));
        }
    }
    Ok(())
}

/// The elements of a schema; none where it is missing.
pub fn elements(schema: &Option<Vec<KeySchemaElement>>) -> &[KeySchemaElement] {
    schema.as_deref().unwrap_or_default()
}

/// The attribute of an element.
pub fn name(element: &KeySchemaElement) -> &str {
    element.attribute_name.as_deref().unwrap_or_default()
}

fn is_hash(element: &KeySchemaElement) -> bool {
    element.key_type.as_deref() == Some("HASH")
}

/// The attributes that are defined.
pub fn names(definitions: &[AttributeDefinition]) -> impl Iterator<Item = &str> {
    definitions.iter().map(|definition| definition.attribute_name.as_deref().unwrap_or_default())
}

fn defines(definitions: &[AttributeDefinition], wanted: &str) -> bool {
    names(definitions).any(|name| name == wanted)
}
