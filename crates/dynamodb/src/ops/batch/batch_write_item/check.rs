//! Checks of BatchWriteItem that need only the request.

use crate::checks::attribute_values as values;
use crate::checks::java_text::JavaText;
use crate::checks::members::Members;
use crate::checks::table_name;
use crate::errors::{self, Layer};
use model::ApiError;
use model::dynamodb::{BatchWriteItemInput, WriteRequest};
use std::collections::BTreeMap;
use stdx::limits::{BATCH_WRITE_REQUESTS_MAX, ITEM_SIZE_BYTES_MAX, REQUEST_BODY_BYTES_MAX};
use types::Item;
use wire::attribute::Attributes;

const LAYER: Layer = Layer::Older;

pub(super) type Requests = BTreeMap<String, Vec<WriteRequest>>;

pub(super) fn all(input: &BatchWriteItemInput) -> Result<(), ApiError> {
    let requests = check_members(input)?;
    let all = || requests.values().flatten();
    all().flat_map(attributes).try_for_each(|attributes| values::no_empty_name(attributes, LAYER))?;
    all().try_for_each(check_request)?;
    let total =
        |size: fn(&Item) -> usize| all().flat_map(attributes).map(|one| size(&one.item)).sum::<usize>();
    // Canonical bytes are never fewer than DynamoDB counts, and known without counting.
    if total(|item| item.as_bytes().len()) > REQUEST_BODY_BYTES_MAX
        && total(Item::size_bytes) > REQUEST_BODY_BYTES_MAX
    {
        return Err(ApiError::validation(errors::BATCH_TOO_LARGE));
    }
    Ok(())
}

fn check_members(input: &BatchWriteItemInput) -> Result<&Requests, ApiError> {
    let Some(requests) = input.request_items.as_ref().filter(|requests| !requests.is_empty()) else {
        return Err(match input.request_items {
            Some(_) => ApiError::validation(errors::NO_WRITE_REQUESTS),
            None => errors::enveloped(errors::must_not_be_null("requestItems")),
        });
    };
    let mut members = Members::new();
    let total: usize = requests.values().map(Vec::len).sum();
    if total > BATCH_WRITE_REQUESTS_MAX || requests.values().any(Vec::is_empty) {
        members.add(errors::member_value(echo(requests), "requestItems", errors::WRITE_REQUEST_LISTS));
    }
    members
        .return_consumed_capacity(&input.return_consumed_capacity)
        .return_item_collection_metrics(&input.return_item_collection_metrics)
        .check()?;
    if !requests.keys().all(|name| table_name::is_valid(name)) {
        let text = errors::member_value(echo(requests), "requestItems", errors::TABLE_NAME_KEYS);
        return Err(errors::enveloped(text));
    }
    Ok(requests)
}

/// The map as Java prints it.
fn echo(requests: &Requests) -> String {
    let mut text = JavaText::default();
    text.put("{");
    for (at, (name, requests)) in requests.iter().enumerate() {
        text.put(if at > 0 { ", " } else { "" }).put(name).put("=").list(requests, put_request);
    }
    text.put("}");
    text.finish()
}

fn put_request(text: &mut JavaText, request: &WriteRequest) {
    let put = request.put_request.as_ref().map(|put| put.item.as_ref());
    let delete = request.delete_request.as_ref().map(|delete| delete.key.as_ref());
    text.put("WriteRequest(putRequest=");
    put_part(text, "PutRequest(item=", put);
    text.put(", deleteRequest=");
    put_part(text, "DeleteRequest(key=", delete);
    text.put(")");
}

fn put_part(text: &mut JavaText, begin: &str, part: Option<Option<&Attributes>>) {
    match part {
        Some(attributes) => text.put(begin).attributes(attributes).put(", workloadProfileName=null)"),
        None => text.put("null"),
    };
}

fn attributes(request: &WriteRequest) -> impl Iterator<Item = &Attributes> {
    let put = request.put_request.as_ref().and_then(|put| put.item.as_ref());
    let delete = request.delete_request.as_ref().and_then(|delete| delete.key.as_ref());
    put.into_iter().chain(delete)
}

fn check_request(request: &WriteRequest) -> Result<(), ApiError> {
    if request.put_request.is_some() == request.delete_request.is_some() {
        return Err(ApiError::validation(errors::ONE_WRITE_REQUEST));
    }
    if attributes(request).next().is_none() {
        return Err(missing_member(request));
    }
    attributes(request).try_for_each(|attributes| values::item(attributes, LAYER))?;
    let is_put = request.put_request.is_some();
    if is_put && attributes(request).any(|item| item.item.exceeds(ITEM_SIZE_BYTES_MAX)) {
        return Err(errors::item_too_large());
    }
    Ok(())
}

fn missing_member(request: &WriteRequest) -> ApiError {
    let path = if request.put_request.is_some() { "putRequest.item" } else { "deleteRequest.key" };
    errors::enveloped(errors::must_not_be_null(format_args!("requestItems.member.{path}")))
}
