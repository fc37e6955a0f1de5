//! The document of a resource policy as it is kept and read again: minified, members in one order, lists of one element
//! as that element, accounts as the ARN of their root. Two documents that mean the same are one text.

use serde_json::{Map, Value};

const OLDEST_VERSION: &str = "2008-10-17";
const OF_DOCUMENT: [&str; 2] = ["Version", "Id"];
const OF_STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The canonical text of a document that is a policy.
pub fn canonical(document: &str) -> Option<String> {
    let Value::Object(mut members) = serde_json::from_str(document).ok()? else { return None };
    let statements = match members.remove("Statement")? {
        Value::Array(list) => list,
        one => vec![one],
    };
    members.entry("Version").or_insert_with(|| OLDEST_VERSION.into());
    let mut parts: Vec<String> =
        OF_DOCUMENT.iter().filter_map(|name| Some(format!("{name:?}:{}", members.get(*name)?))).collect();
    let statements: Vec<String> = statements.iter().filter_map(statement).collect();
    parts.push(format!("\"Statement\":[{}]", statements.join(",")));
    Some(format!("{{{}}}", parts.join(",")))
}

fn statement(statement: &Value) -> Option<String> {
    let Value::Object(members) = statement else { return None };
    let part = |name: &&str| {
        let value = members.get(*name)?;
        let value = if name.ends_with("Principal") { principals(value) } else { single(value) };
        Some(format!("{name:?}:{value}"))
    };
    Some(format!("{{{}}}", OF_STATEMENT.iter().filter_map(part).collect::<Vec<_>>().join(",")))
}

/// Lists of one element are that element, also inside conditions.
fn single(value: &Value) -> Value {
    match value {
        Value::Array(list) if list.len() == 1 => list[0].clone(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), single(value));
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn principals(value: &Value) -> Value {
    let named = |value: &Value| match value {
        Value::String(account) if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) => {
            format!("arn:aws:iam::{account}:root").into()
        }
        other => other.clone(),
    };
    match value {
        Value::Object(kinds) => {
            let kind = |(kind, values): (&String, &Value)| {
                let values = match values {
                    Value::Array(list) => Value::Array(list.iter().map(named).collect()),
                    one => named(one),
                };
                (kind.clone(), single(&values))
            };
            Value::Object(kinds.iter().map(kind).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_mean_the_same_are_one() {
        let one = r#"{"Statement": {"Resource": ["*"], "Action": ["dynamodb:GetItem"], "Effect": "Allow",
                      "Principal": {"AWS": ["123456789012"]}}}"#;
        let other = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"dynamodb:GetItem","Resource":"*"}]}"#;
        assert_eq!(canonical(one).as_deref(), Some(other));
        assert_eq!(canonical(other).as_deref(), Some(other));
        assert_eq!(canonical("[]"), None);
    }
}
