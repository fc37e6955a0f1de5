//! The order in which DynamoDB lists the values of an enum in its messages, where it is not the model's.

/// Shape and values.
const ORDERS: &[(&str, &[&str])] = &[
    (
        "ComparisonOperator",
        &[
            "IN",
            "NULL",
            "BETWEEN",
            "LT",
            "NOT_CONTAINS",
            "EQ",
            "GT",
            "NOT_NULL",
            "NE",
            "LE",
            "BEGINS_WITH",
            "GE",
            "CONTAINS",
        ],
    ),
    ("ConditionalOperator", &["OR", "AND"]),
    ("EventSourcePosition", &["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"]),
    ("ProjectionType", &["ALL", "INCLUDE", "KEYS_ONLY"]),
    ("ReturnValue", &["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"]),
    ("ScalarAttributeType", &["B", "N", "S"]),
    ("Select", &["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"]),
];

/// The values of an enum in the order of messages.
pub(super) fn in_message_order(name: &str, model: &[String]) -> Vec<String> {
    let is_ours = |order: &[&str]| model.iter().any(|value| order.contains(&value.as_str()));
    // Another service may have an enum of this name, with values of its own.
    let order = ORDERS.iter().find(|(shape, order)| *shape == name && is_ours(order));
    let Some((_, order)) = order else { return model.to_vec() };
    let mut remaining: Vec<&str> = model.iter().map(String::as_str).collect();
    remaining.retain(|value| !order.contains(value));
    assert!(
        remaining.is_empty() && order.len() == model.len(),
        "{name}: the hand-written order has other values than the model"
    );
    order.iter().map(|value| (*value).to_owned()).collect()
}
