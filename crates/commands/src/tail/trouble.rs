//! Messages about failed calls: what happened, and the remedy.

use crate::client::{CallError, Place};

/// A sentence about a call that failed.
pub(super) fn sentence(error: &CallError, place: &Place) -> String {
    let url = place.url();
    match error {
        CallError::Unreachable(why) if place.is_aws() => format!("cannot reach {url}: {why}"),
        CallError::Unreachable(why) => format!(
            "no server answers at {url} ({why}); start one with `stator`, name another with --endpoint, or AWS with --aws"
        ),
        CallError::Unreadable => {
            format!("what answers at {url} does not speak the API of DynamoDB; is the --endpoint right?")
        }
        CallError::UnusableKey => {
            "the access key has characters that no key has; look at AWS_ACCESS_KEY_ID".to_owned()
        }
        CallError::Refused { code, message, .. } => refusal(code, message, place),
    }
}

fn refusal(code: &str, message: &str, place: &Place) -> String {
    let hint = match code {
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "ExpiredTokenException"
        | "IncompleteSignatureException" => {
            "; look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or name a --profile"
        }
        "AccessDeniedException" => {
            "; following needs dynamodb:DescribeTable, DescribeStream, GetShardIterator and GetRecords"
        }
        "UnknownOperationException" => "; this server has no DynamoDB Streams",
        _ => "",
    };
    let text = if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") };
    format!("{} says {text}{hint}", place.url())
}

/// The table is not there.
pub(super) fn no_table(table: &str, place: &Place) -> String {
    format!(
        "there is no table {table} in region {} at {}; regions are separate: --region names another",
        place.region(),
        place.url()
    )
}

/// The table never had a stream: how to give it one.
pub(super) fn no_stream(table: &str, place: &Place) -> String {
    let where_ = if place.is_aws() { String::new() } else { format!(" --endpoint-url {}", place.url()) };
    format!(
        "table {table} has no stream, so its changes are not kept; enable it with\n  aws dynamodb update-table \
         --table-name {table} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES \
         --region {}{where_}",
        place.region()
    )
}
