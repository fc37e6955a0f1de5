//! The order in which DynamoDB reports the members of a structure, where it is not the model's.

use crate::model_table::Member;

/// Shape and its members, first reported first.
const ORDERS: &[(&str, &[&str])] = &[
    ("GlobalSecondaryIndex", &["KeySchema", "Projection", "IndexName"]),
    ("ProvisionedThroughput", &["WriteCapacityUnits", "ReadCapacityUnits"]),
];

/// The members of a structure in the order of messages.
pub(super) fn in_message_order<'m>(name: &str, model: &'m [Member]) -> Vec<&'m Member> {
    let order = ORDERS.iter().find(|(shape, _)| *shape == name).map_or(&[][..], |(_, order)| *order);
    let rank = |member: &&Member| order.iter().position(|name| *name == member.name).unwrap_or(order.len());
    let mut members: Vec<&Member> = model.iter().collect();
    members.sort_by_key(rank);
    members
}
