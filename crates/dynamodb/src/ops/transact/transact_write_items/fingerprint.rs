//! What makes two requests with one token the same: the actions, with items in canonical bytes, so that the
//! order of attributes and of members of sets does not matter. Report options are not part of it.

use super::action::{self, Action};
use engine::TransactToken;
use engine::transact::TransactOperation;
use model::dynamodb::TransactWriteItemsInput;
use pipeline::Caller;
use sha2::{Digest, Sha256};

/// ClientRequestToken, and a digest of its request.
#[derive(Debug)]
pub(super) struct RequestToken {
    token: String,
    fingerprint: [u8; 32],
}

impl RequestToken {
    /// The token of a request, if it has one.
    pub(super) fn of(input: &TransactWriteItemsInput) -> Option<RequestToken> {
        let token = input.client_request_token.clone()?;
        Some(RequestToken { token, fingerprint: fingerprint(input) })
    }

    /// The token in the engine's form: tokens belong to an account in a region.
    pub(super) fn of_caller(self, caller: &Caller) -> TransactToken {
        TransactToken {
            scope: format!("{}/{}", caller.account, caller.region),
            operation: TransactOperation::TransactWriteItems,
            token: self.token,
            fingerprint: self.fingerprint,
        }
    }
}

fn fingerprint(input: &TransactWriteItemsInput) -> [u8; 32] {
    let mut hash = Fields(Sha256::new());
    for (_, action) in action::all(input) {
        hash.action(&action);
    }
    hash.0.finalize().into()
}

/// A hash of fields, each behind its length, so that none runs into the next.
struct Fields(Sha256);

impl Fields {
    fn action(&mut self, action: &Action<'_>) {
        self.field(action.kind.member().as_bytes());
        self.text(action.table_name);
        self.optional(action.attributes.map(|attributes| attributes.item.as_bytes()));
        self.text(action.update);
        self.text(action.condition);
        self.text(action.on_failure.as_deref());
        self.count(action.names.map_or(0, |names| names.len()));
        for (alias, name) in action.names.into_iter().flatten() {
            self.field(alias.as_bytes());
            self.field(name.as_bytes());
        }
        self.count(action.values.map_or(0, |values| values.len()));
        for (key, value) in action.values.into_iter().flatten() {
            self.field(key.as_bytes());
            self.field(value.value.as_bytes());
        }
    }

    fn text(&mut self, text: Option<&str>) {
        self.optional(text.map(str::as_bytes));
    }

    fn optional(&mut self, field: Option<&[u8]>) {
        self.count(usize::from(field.is_some()));
        self.field(field.unwrap_or_default());
    }

    fn field(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> [u8; 32] {
        fingerprint(&wire::json::decode(json.as_bytes()).unwrap())
    }

    #[test]
    fn order_within_items_and_sets_does_not_matter() {
        let one = r#"{"TransactItems":[{"Put":{"TableName":"abc","Item":{"a":{"SS":["x","y"]},"b":{"N":"1.0"}}}}]}"#;
        let same = r#"{"TransactItems":[{"Put":{"Item":{"b":{"N":"1"},"a":{"SS":["y","x"]}},"TableName":"abc"}}],
            "ReturnConsumedCapacity":"TOTAL"}"#;
        let other =
            r#"{"TransactItems":[{"Put":{"TableName":"abc","Item":{"a":{"SS":["x","y"]},"b":{"N":"2"}}}}]}"#;
        assert_eq!(of(one), of(same));
        assert_ne!(of(one), of(other));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let delete = |condition: &str| {
            of(&format!(
                r#"{{"TransactItems":[{{"Delete":{{"TableName":"abc","Key":{{"a":{{"S":"x"}}}}{condition}}}}}]}}"#
            ))
        };
        assert_ne!(delete(""), delete(r#","ConditionExpression":"""#));
        assert_ne!(
            delete(r#","ExpressionAttributeNames":{"\#a":"bc"}"#.replace("\\#", "#").as_str()),
            delete(r#","ExpressionAttributeNames":{"\#ab":"c"}"#.replace("\\#", "#").as_str())
        );
    }
}
