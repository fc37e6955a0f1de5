//! Checks of BatchGetItem that need only the request.

use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{ParameterPresence, not_empty};
use crate::checks::java_text::JavaText;
use crate::checks::members::Members;
use crate::checks::table_name;
use crate::errors::{self, Layer};
use crate::legacy;
use expr::Kind as Expression;
use foldhash::fast::RandomState;
use model::ApiError;
use model::dynamodb::{BatchGetItemInput, KeysAndAttributes};
use std::collections::{BTreeMap, HashSet};
use stdx::limits::BATCH_GET_KEYS_MAX;
use wire::Encode;
use wire::attribute::Attributes;
use wire::json::ObjectWriter;

pub(super) const LAYER: Layer = Layer::Plain;

pub(super) type Requests = BTreeMap<String, KeysAndAttributes>;

pub(super) fn all(input: &BatchGetItemInput) -> Result<(), ApiError> {
    let requests = check_members(input)?;
    requests.values().try_for_each(check_empty_names)?;
    check_families(requests)?;
    requests.values().try_for_each(check_table)
}

pub(super) fn keys(request: &KeysAndAttributes) -> &[Attributes] {
    request.keys.as_deref().unwrap_or_default()
}

fn check_members(input: &BatchGetItemInput) -> Result<&Requests, ApiError> {
    let Some(requests) = &input.request_items else {
        return Err(errors::enveloped(errors::must_not_be_null("requestItems")));
    };
    if requests.is_empty() {
        return Err(errors::enveloped(errors::member("RequestItems", errors::length_at_least(1))));
    }
    if let Some((name, _)) = requests.iter().find(|(_, request)| keys(request).is_empty()) {
        return Err(member_refused(name, "Keys", errors::length_at_least(1)));
    }
    let names_nothing =
        |request: &KeysAndAttributes| request.attributes_to_get.as_ref().is_some_and(Vec::is_empty);
    if let Some((name, _)) = requests.iter().find(|(_, request)| names_nothing(request)) {
        return Err(member_refused(name, "AttributesToGet", errors::length_at_least(1)));
    }
    let names_are_valid = requests.keys().all(|name| table_name::is_valid(name));
    if names_are_valid
        && requests.values().map(|request| keys(request).len()).sum::<usize>() > BATCH_GET_KEYS_MAX
    {
        let largest = requests.iter().max_by_key(|(_, request)| keys(request).len());
        return Err(member_refused(
            largest.map_or("", |(name, _)| name),
            "Keys",
            errors::length_at_most(BATCH_GET_KEYS_MAX),
        ));
    }
    let mut members = Members::new();
    if !names_are_valid {
        members.add(errors::member_value(echo(requests), "requestItems", errors::TABLE_NAME_KEYS));
    }
    members.return_consumed_capacity(&input.return_consumed_capacity).check()?;
    Ok(requests)
}

fn member_refused(table: &str, member: &str, constraint: String) -> ApiError {
    errors::enveloped(errors::member(format_args!("RequestItems.{table}.member.{member}"), constraint))
}

/// The map as the message repeats it: JSON, unlike BatchWriteItem's, and cut at the same length.
fn echo(requests: &Requests) -> String {
    let named = requests.iter().map(|(name, request)| (name.clone(), InOrderOfNames(request)));
    let mut json = Vec::new();
    named.collect::<BTreeMap<_, _>>().encode(&mut json);
    let mut text = JavaText::default();
    text.put(&String::from_utf8_lossy(&json));
    text.finish()
}

/// Members in the order of their names, which is not the model's.
struct InOrderOfNames<'a>(&'a KeysAndAttributes);

impl Encode for InOrderOfNames<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        ObjectWriter::begin(out)
            .member("AttributesToGet", &self.0.attributes_to_get)
            .member("ConsistentRead", &self.0.consistent_read)
            .member("ExpressionAttributeNames", &self.0.expression_attribute_names)
            .member("Keys", &self.0.keys)
            .member("ProjectionExpression", &self.0.projection_expression)
            .end();
    }
}

fn check_empty_names(request: &KeysAndAttributes) -> Result<(), ApiError> {
    keys(request).iter().try_for_each(|key| values::no_empty_name(key, LAYER))?;
    let mut names = request.attributes_to_get.iter().flatten();
    values::refuse_empty_name(names.any(String::is_empty), LAYER)?;
    ParameterPresence::new(LAYER).names(&request.expression_attribute_names).check_empty_names()
}

fn check_families(requests: &Requests) -> Result<(), ApiError> {
    let attributes_to_get = requests.values().find_map(|request| request.attributes_to_get.as_ref());
    let projection = requests.values().find_map(|request| request.projection_expression.clone());
    ParameterPresence::new(LAYER)
        .non_expression("AttributesToGet", &attributes_to_get)
        .expression(Expression::Projection, &projection)
        .check()
}

/// Two keys are one only where their numbers are written alike: `1000` beside `1e3` is taken, unlike in BatchWriteItem.
fn check_table(request: &KeysAndAttributes) -> Result<(), ApiError> {
    ParameterPresence::new(LAYER)
        .expression(Expression::Projection, &request.projection_expression)
        .names(&request.expression_attribute_names)
        .check()?;
    not_empty(request.projection_expression.as_deref(), Expression::Projection, LAYER)?;
    legacy::check_attributes_to_get(request.attributes_to_get.as_ref(), LAYER)?;
    keys(request).iter().try_for_each(|key| values::item(key, LAYER))?;
    // At most so many keys that no choice of them makes collisions dear.
    let mut seen = HashSet::with_capacity_and_hasher(keys(request).len(), RandomState::default());
    if keys(request).iter().any(|key| !seen.insert((key.item.as_bytes(), key.number_spellings))) {
        return Err(ApiError::validation(errors::DUPLICATE_KEYS));
    }
    Ok(())
}
