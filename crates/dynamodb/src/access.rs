//! The actions and ARNs an operation needs. The condition keys of policies about items are in [`ItemNeed`].

mod item_need;

pub use item_need::{ItemNeed, key_text};

use crate::checks::table_ref::TableRef;
use crate::resource_policies;
use crate::service::DynamoDb;
use pipeline::{Access, Cx, Need};

/// An action on one table.
pub fn table(cx: &Cx<'_, DynamoDb>, action: &'static str, table: &TableRef) -> Access<'static> {
    resource_policies::beside(cx, table, Need::new(action, table.arn(cx.caller))).into()
}

/// An action on a stream.
pub fn stream(action: &'static str, arn: Option<&str>) -> Access<'static> {
    Need::new(action, arn.unwrap_or_default()).into()
}

/// An action that is not about one resource.
pub fn everything(action: &'static str) -> Access<'static> {
    Need::new(action, "*").into()
}
