//! The name of a table as operations of the control plane judge it. Operations on items have wordings of
//! their own.

use crate::checks::table_name::{is_name, name_of};
use crate::checks::table_ref::TableRef;
use crate::errors::codes;
use crate::errors::{NAME_PATTERN, enveloped, length_at_least, length_at_most, member_value};
use crate::service::DynamoDb;
use engine::Table;
use model::{ApiError, Constraints, Violation};
use pipeline::Cx;
use std::sync::Arc;

/// Present, 3 to 255 characters, of the right characters; an ARN of a table is accepted for its name.
pub fn check(name: Option<String>) -> Result<TableRef, ApiError> {
    required(name.as_deref())?;
    let table = TableRef::of(name);
    let name = table.name();
    if !(3..=255).contains(&name.len()) {
        return Err(ApiError::validation(
            "TableName must be at least 3 characters long and at most 255 characters long",
        ));
    }
    if !is_name(name) {
        return Err(enveloped(member_value(name, "tableName", NAME_PATTERN)));
    }
    Ok(table)
}

/// A name judged by constraints, as CreateTable, UpdateTable and DescribeTable do: every broken one, before those of
/// other members.
pub fn name_violations(name: Option<&str>) -> Result<Vec<Violation>, ApiError> {
    let name = required(name)?;
    let mut violations = Vec::new();
    let mut broken = |constraint: String| {
        let (path, value) = ("tableName".to_owned(), Some(format!("'{name}'")));
        violations.push(Violation { path, value, constraint });
    };
    if !is_name(name) {
        broken(NAME_PATTERN.to_owned());
    }
    if name.len() < 3 {
        broken(length_at_least(3));
    }
    if name.len() > 255 {
        broken(length_at_most(255));
    }
    Ok(violations)
}

/// The name's constraints, with an ARN taken for the name in it, before the model's for the other members.
pub fn all_violations(name: Option<&str>, input: &impl Constraints) -> Result<Vec<Violation>, ApiError> {
    let mut violations = name_violations(name.map(name_of))?;
    let mut of_model = Vec::new();
    input.violations(&mut of_model);
    violations.extend(of_model.into_iter().filter(|violation| violation.path != "tableName"));
    Ok(violations)
}

fn required(name: Option<&str>) -> Result<&str, ApiError> {
    name.ok_or_else(|| {
        ApiError::validation("The parameter 'TableName' is required but was not present in the request")
    })
}

/// The table that was named. One whose items are being restored, or copied from another replica, is not there yet.
pub async fn find(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Arc<Table>, ApiError> {
    let found = find_even_restoring(cx, table).await?;
    if found.settings.is_being_filled() { Err(not_found(table.name())) } else { Ok(found) }
}

/// The same, even while its items are being restored: so DescribeTable and DeleteTable see it.
pub async fn find_even_restoring(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Arc<Table>, ApiError> {
    table.find(cx).await?.ok_or_else(|| not_found(table.name()))
}

/// The same, unless it shows as being created: then it is not found either.
pub async fn find_created(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Arc<Table>, ApiError> {
    let found = find(cx, table).await?;
    if found.settings.is_creating(cx.now_micros) { Err(not_found(table.name())) } else { Ok(found) }
}

/// No such table, in the control plane's words.
pub fn not_found(name: &str) -> ApiError {
    ApiError::new(codes::RESOURCE_NOT_FOUND, format!("Requested resource not found: Table: {name} not found"))
}
