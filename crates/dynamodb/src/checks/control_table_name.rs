//! The name of a table as operations of the control plane judge it. Operations on items have wordings of
//! their own.

use engine::{Engine, Scope, Table};
use model::{ApiError, Code, Violation};
use std::sync::Arc;

const PATTERN: &str = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";

/// Present, 3 to 255 characters, of the right characters; an ARN of a table stands for its name.
pub fn check(name: Option<&str>) -> Result<(), ApiError> {
    let name = table_of(required(name)?);
    if !(3..=255).contains(&name.len()) {
        return Err(ApiError::validation(
            "TableName must be at least 3 characters long and at most 255 characters long",
        ));
    }
    if !is_name(name) {
        return Err(ApiError::validation(format!(
            "1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: {PATTERN}"
        )));
    }
    Ok(())
}

/// The name of a table to be created: every broken constraint of it, before those of other members.
pub fn new_name(name: Option<&str>) -> Result<Vec<Violation>, ApiError> {
    let name = required(name)?;
    let mut violations = Vec::new();
    let mut broken = |constraint: &str| {
        violations.push(Violation {
            path: "tableName".to_owned(),
            value: Some(format!("'{name}'")),
            constraint: constraint.to_owned(),
        });
    };
    if !is_name(name) {
        broken(PATTERN);
    }
    if name.len() < 3 {
        broken("Member must have length greater than or equal to 3");
    }
    if name.len() > 255 {
        broken("Member must have length less than or equal to 255");
    }
    Ok(violations)
}

/// The table's name behind a name or an ARN (`arn:aws:dynamodb:<region>:<account>:table/<name>`).
pub fn table_of(name_or_arn: &str) -> &str {
    match name_or_arn.strip_prefix("arn:").and_then(|arn| arn.split_once(":table/")) {
        Some((_, name)) => name.split('/').next().unwrap_or(name),
        None => name_or_arn,
    }
}

fn required(name: Option<&str>) -> Result<&str, ApiError> {
    name.ok_or_else(|| {
        ApiError::validation("The parameter 'TableName' is required but was not present in the request")
    })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The table of a checked name or ARN.
pub fn find(engine: &Engine, scope: &Scope, name_or_arn: Option<&str>) -> Result<Arc<Table>, ApiError> {
    let name = table_of(name_or_arn.unwrap_or_default());
    engine.table(scope, name).ok_or_else(|| not_found(name))
}

/// No such table, in the control plane's words.
pub fn not_found(name: &str) -> ApiError {
    ApiError::new(Code::ResourceNotFound, format!("Requested resource not found: Table: {name} not found"))
}
