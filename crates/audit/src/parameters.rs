//! The part of a request's input that a record contains: members from a list, whose values are names, identifiers or
//! settings. Items, keys, plaintexts, tokens and policies are not in the list.

use pipeline::audit::Event;
use serde_json::{Map, Value};

/// Names of members, in lower case, whose values are names themselves, identifiers or settings.
const TOLD: [&str; 62] = [
    "accesskeyid",
    "alarmname",
    "aliasname",
    "arn",
    "backuparn",
    "billingmode",
    "consumerarn",
    "consumername",
    "dashboardname",
    "deletionprotectionenabled",
    "durationseconds",
    "eventsourcearn",
    "exportarn",
    "functionname",
    "globaltablename",
    "granteeprincipal",
    "grantid",
    "groupname",
    "identityid",
    "identitypoolid",
    "identitypoolname",
    "importarn",
    "indexname",
    "instanceprofilename",
    "keyid",
    "keyspec",
    "keyusage",
    "loggroupname",
    "logstreamname",
    "metricname",
    "name",
    "namespace",
    "newgroupname",
    "newusername",
    "openidconnectproviderarn",
    "path",
    "pendingwindowindays",
    "permissionsboundary",
    "policyarn",
    "policyname",
    "policysourcearn",
    "policytype",
    "resourcearn",
    "resourceid",
    "rolearn",
    "rolename",
    "rolesessionname",
    "scalabledimension",
    "servicename",
    "servicenamespace",
    "sourcekeyid",
    "status",
    "streamarn",
    "streammode",
    "streamname",
    "tablearn",
    "tableclass",
    "tablename",
    "targetkeyid",
    "targettablename",
    "username",
    "versionid",
];

const VALUE_CHARACTERS_MAX: usize = 2_048;
const TABLES_MAX: usize = 100;

/// The parameters of an event.
pub fn of(event: &Event) -> Map<String, Value> {
    let mut told = match serde_json::from_slice(&event.body) {
        Ok(Value::Object(members)) => of_document(&members),
        Ok(_) => Map::new(),
        Err(_) => of_form(&event.body),
    };
    if event.path != "/" {
        told.insert("path".to_owned(), Value::String(cut(&event.path)));
    }
    told
}

fn of_document(members: &Map<String, Value>) -> Map<String, Value> {
    let mut told = Map::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("RequestItems", Value::Object(tables)) => {
                let names = tables.keys().take(TABLES_MAX).map(|name| Value::String(cut(name)));
                told.insert("tableNames".to_owned(), names.collect());
            }
            ("TransactItems", Value::Array(items)) => {
                let mut names: Vec<_> = items.iter().filter_map(table_of).map(cut).collect();
                names.sort();
                names.dedup();
                told.insert("tableNames".to_owned(), names.into());
            }
            (name, Value::String(text)) if is_told(name) => {
                told.insert(first_lower(name), Value::String(cut(text)));
            }
            (name, Value::Bool(_) | Value::Number(_)) if is_told(name) => {
                told.insert(first_lower(name), value.clone());
            }
            _ => {}
        }
    }
    told
}

/// `{"Put": {"TableName": …}}`
fn table_of(item: &Value) -> Option<&str> {
    item.as_object()?.values().find_map(|action| action.get("TableName")?.as_str())
}

fn of_form(body: &[u8]) -> Map<String, Value> {
    let told = form_urlencoded::parse(body).filter(|(name, _)| is_told(name));
    told.map(|(name, value)| (first_lower(&name), Value::String(cut(&value)))).collect()
}

fn is_told(name: &str) -> bool {
    TOLD.binary_search(&name.to_ascii_lowercase().as_str()).is_ok()
}

fn first_lower(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

fn cut(text: &str) -> String {
    text.chars().take(VALUE_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Value {
        match serde_json::from_str(body) {
            Ok(Value::Object(members)) => Value::Object(of_document(&members)),
            _ => Value::Object(of_form(body.as_bytes())),
        }
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(TOLD.is_sorted());
    }

    #[test]
    fn names_are_told_and_contents_are_not() {
        for (body, expected) in [
            (r#"{"TableName":"t","Key":{"pk":{"S":"secret"}}}"#, r#"{"tableName":"t"}"#),
            (r#"{"KeyId":"k","Plaintext":"c2VjcmV0","Policy":"secret"}"#, r#"{"keyId":"k"}"#),
            (r#"{"logGroupName":"g","logEvents":["secret"]}"#, r#"{"logGroupName":"g"}"#),
            (r#"{"RequestItems":{"a":{"Keys":["secret"]},"b":[]}}"#, r#"{"tableNames":["a","b"]}"#),
            (
                r#"{"TransactItems":[{"Put":{"TableName":"b"}},{"Get":{"TableName":"a"}},{"Put":{"TableName":"b"}}]}"#,
                r#"{"tableNames":["a","b"]}"#,
            ),
            ("Action=CreateUser&UserName=Ann&PolicyDocument=secret", r#"{"userName":"Ann"}"#),
            (
                "WebIdentityToken=secret&RoleArn=r&DurationSeconds=900",
                r#"{"durationSeconds":"900","roleArn":"r"}"#,
            ),
            (r#"{"TableName":{"S":"secret"}}"#, "{}"),
            ("", "{}"),
        ] {
            assert_eq!(told(body), serde_json::from_str::<Value>(expected).unwrap(), "{body}");
        }
    }
}
