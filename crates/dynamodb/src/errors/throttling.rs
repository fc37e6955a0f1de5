//! The errors of throttled requests.

use super::codes;
use capacity::{Direction, Reason, Reasons};
use engine::{Index, Table};
use model::api_error::{CancellationReason, ThrottlingReason};
use model::{ApiError, Code, Detail};

const TABLE_EXCEEDED: &str = "The level of configured provisioned throughput for the table was exceeded. Consider \
    increasing your provisioning level with the UpdateTable API.";
const INDEXES_EXCEEDED: &str = "The level of configured provisioned throughput for one or more global secondary \
    indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global \
    secondary indexes with the UpdateTable API.";
const ON_DEMAND_EXCEEDED: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is \
    automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a \
    hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html.";
const MAXIMUM_EXCEEDED: &str =
    "Throughput exceeds the maximum OnDemandThroughput configured on table or index.";
const ACCOUNT_EXCEEDED: &str = "Throughput exceeds the current throughput limit for your account. Please contact AWS \
    Support at https://aws.amazon.com/support to request a limit increase.";

/// The limits of a table, or of one of its indexes, that a request has reached.
#[derive(Debug, Clone, Copy)]
pub struct Limit<'t> {
    /// The index; `None` is the table.
    pub index: Option<&'t Index>,
    /// Whether it is paid by request.
    pub is_on_demand: bool,
    /// The limits.
    pub reasons: Reasons,
}

/// A request that has reached these limits, of which there is one at least.
pub fn throttled(table: &Table, direction: Direction, limits: &[Limit<'_>]) -> ApiError {
    let (code, text) = code_and_text(limits);
    let reasons = limits.iter().flat_map(|limit| {
        let resource = match limit.index {
            Some(index) => format!("{}/index/{}", table.arn(), index.name),
            None => table.arn(),
        };
        let name = move |reason| reason_name(limit.index.is_some(), direction, reason);
        limit
            .reasons
            .iter()
            .map(move |reason| ThrottlingReason { reason: name(reason), resource: resource.clone() })
    });
    ApiError::new(code, text).with(Detail::ThrottlingReasons(reasons.collect()))
}

/// The same as a reason of a cancelled transaction.
pub fn throttled_action(limits: &[Limit<'_>]) -> CancellationReason {
    let (code, text) = code_and_text(limits);
    let is_provisioned = code == codes::PROVISIONED_THROUGHPUT_EXCEEDED;
    let code = if is_provisioned { "ProvisionedThroughputExceeded" } else { "ThrottlingError" };
    CancellationReason { code: Some(code), message: Some(text.into()), item: None }
}

/// The account goes before tables, and a table before its indexes.
fn code_and_text(limits: &[Limit<'_>]) -> (Code, &'static str) {
    let has = |wanted| limits.iter().any(|limit| limit.reasons.iter().any(|reason| reason == wanted));
    let of_table = limits.iter().find(|limit| limit.index.is_none());
    if has(Reason::AccountLimit) {
        (codes::REQUEST_LIMIT_EXCEEDED, ACCOUNT_EXCEEDED)
    } else if of_table.or(limits.first()).is_some_and(|limit| limit.is_on_demand) {
        let is_at_maximum = has(Reason::MaxOnDemandThroughput);
        (codes::THROTTLING, if is_at_maximum { MAXIMUM_EXCEEDED } else { ON_DEMAND_EXCEEDED })
    } else {
        let text = if of_table.is_some() { TABLE_EXCEEDED } else { INDEXES_EXCEEDED };
        (codes::PROVISIONED_THROUGHPUT_EXCEEDED, text)
    }
}

fn reason_name(is_index: bool, direction: Direction, reason: Reason) -> String {
    let resource = if is_index { "Index" } else { "Table" };
    let operation = match direction {
        Direction::Read => "Read",
        Direction::Write => "Write",
    };
    format!("{resource}{operation}{}", reason.name())
}
