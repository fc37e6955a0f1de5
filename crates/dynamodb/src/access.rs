//! The actions and ARNs an operation needs. The condition keys of policies about items are in [`ItemNeed`]; about
//! everything else they are tags.

mod item_need;

pub use item_need::{ItemNeed, key_text};

use crate::checks::table_ref::TableRef;
use crate::checks::tagged_resource::TaggedResource;
use crate::resource_policies;
use crate::service::{DynamoDb, DynamoDbStreams};
use crate::stream_arn;
use pipeline::access::Tags;
use pipeline::{Access, Cx, Need};
use policy::Layer;

/// An action on one table.
pub fn table(cx: &Cx<'_, DynamoDb>, action: &'static str, table: &TableRef) -> Access<'static> {
    table_with(cx, action, table, Tags::default())
}

/// The same in a request that sets or removes tags.
pub fn table_with(
    cx: &Cx<'_, DynamoDb>,
    action: &'static str,
    table: &TableRef,
    tags: Tags,
) -> Access<'static> {
    let tags = match table.look_up(cx) {
        Some(found) => tags.on(found.settings.tags.clone()),
        None => tags,
    };
    let need = Need::new(action, table.arn(cx.caller)).tagged(tags);
    resource_policies::beside(cx, table, need).into()
}

/// An action on a table or a stream of one, by its ARN.
pub fn resource(
    cx: &Cx<'_, DynamoDb>,
    action: &'static str,
    resource: &TaggedResource,
    tags: Tags,
) -> Access<'static> {
    let (table, policies) = (resource.look_up(cx), &cx.service.policies);
    let of_resource = table.as_ref().and_then(|table| resource.tags(table)).cloned().unwrap_or_default();
    let need = Need::new(action, resource.arn.clone()).tagged(tags.on(of_resource));
    let policy = table.filter(|_| policies.are_there());
    let policy = policy.and_then(|table| policies.of(&table, resource.stream.as_deref().unwrap_or_default()));
    match policy {
        Some(policy) => need.with_policy(Layer::Resource, policy).into(),
        None => need.into(),
    }
}

/// An action on the policy of a table or a stream. An account itself is not bound by what the policy says, so that none
/// locks everybody out.
pub fn policy_of(cx: &Cx<'_, DynamoDb>, action: &'static str, resource: &TaggedResource) -> Access<'static> {
    match cx.caller.principal.is_root() {
        true => Need::new(action, resource.arn.clone()).into(),
        false => self::resource(cx, action, resource, Tags::default()),
    }
}

/// An action on a stream, which has a policy of its own.
pub fn stream(cx: &Cx<'_, DynamoDbStreams>, action: &'static str, arn: Option<&str>) -> Access<'static> {
    let need = Need::new(action, arn.unwrap_or_default()).shared();
    match arn.and_then(|arn| stream_arn::policy(cx, arn)) {
        Some(policy) => need.with_policy(Layer::Resource, policy).into(),
        None => need.into(),
    }
}

/// An action that is not about one resource.
pub fn everything(action: &'static str) -> Access<'static> {
    Need::new(action, "*").into()
}
