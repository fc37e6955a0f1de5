//! What callers must be allowed to do, in terms of ARNs.

use crate::checks::table_name::Arn;
use crate::service::DynamoDb;
use pipeline::{Access, Cx};

/// An action on one table.
pub fn table(cx: &Cx<'_, DynamoDb>, action: &'static str, name: Option<&str>) -> Access {
    Access { needs: vec![(action, table_arn(cx, name.unwrap_or_default()))] }
}

/// An action on one table or, where an index is read, on that index.
pub fn table_or_index(
    cx: &Cx<'_, DynamoDb>,
    action: &'static str,
    name: Option<&str>,
    index: Option<&str>,
) -> Access {
    let table = table_arn(cx, name.unwrap_or_default());
    let resource = index.map_or_else(|| table.clone(), |index| format!("{table}/index/{index}"));
    Access { needs: vec![(action, resource)] }
}

/// An action on several tables.
pub fn tables<'a>(cx: &Cx<'_, DynamoDb>, needs: impl Iterator<Item = (&'static str, &'a str)>) -> Access {
    Access { needs: needs.map(|(action, name)| (action, table_arn(cx, name))).collect() }
}

/// An action on a stream.
pub fn stream(action: &'static str, arn: Option<&str>) -> Access {
    Access { needs: vec![(action, arn.unwrap_or_default().to_owned())] }
}

/// An action that is not about one resource.
pub fn everything(action: &'static str) -> Access {
    Access { needs: vec![(action, "*".to_owned())] }
}

fn table_arn(cx: &Cx<'_, DynamoDb>, name: &str) -> String {
    match Arn::parse(name) {
        Some(_) => name.to_owned(),
        None => format!("arn:aws:dynamodb:{}:{}:table/{name}", cx.caller.region, cx.caller.account),
    }
}
