//! A record of a stream, as the API gives it.

use serde_json::Value;

/// One change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a>(&'a Value);

impl<'a> Record<'a> {
    pub(super) fn of(json: &'a Value) -> Self {
        Record(json)
    }

    /// `INSERT`, `MODIFY`, `REMOVE`
    pub(super) fn event(self) -> &'a str {
        self.0["eventName"].as_str().unwrap_or("?")
    }

    pub(super) fn keys(self) -> &'a Value {
        &self.0["dynamodb"]["Keys"]
    }

    /// The item before; null where the record has none.
    pub(super) fn old_image(self) -> &'a Value {
        &self.0["dynamodb"]["OldImage"]
    }

    /// The item after; null where the record has none.
    pub(super) fn new_image(self) -> &'a Value {
        &self.0["dynamodb"]["NewImage"]
    }

    pub(super) fn sequence_number(self) -> Option<&'a str> {
        self.0["dynamodb"]["SequenceNumber"].as_str()
    }

    /// When it happened, in whole seconds since the Unix epoch.
    pub(super) fn seconds(self) -> u64 {
        self.0["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or(0.0) as u64
    }

    /// Whether the item was deleted because its time had come.
    pub(super) fn is_expiry(self) -> bool {
        self.0["userIdentity"]["PrincipalId"] == "dynamodb.amazonaws.com"
    }
}
