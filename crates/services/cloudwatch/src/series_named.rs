//! The series that a request names: names are checked here, once for all operations.

use crate::errors;
use model::ApiError;
use model::cloudwatch::Dimension;
use std::collections::BTreeSet;

/// The dimensions of a request, as names and values.
///
/// # Errors
/// When one is not ASCII, blank, begins with a colon, or is given twice. `path` is where the dimensions stand.
pub(crate) fn dimensions(dimensions: Vec<Dimension>, path: &str) -> Result<Vec<(String, String)>, ApiError> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
    let mut names = BTreeSet::new();
    let read = dimensions.into_iter().enumerate().map(|(place, dimension)| {
        let path = |member: &str| format!("{prefix}Dimensions.member.{}.{member}", place + 1);
        let name = text(dimension.name, &path("Name"))?;
        let value = text(dimension.value, &path("Value"))?;
        if name.starts_with(':') || !names.insert(name.clone()) {
            return Err(errors::invalid_value(&name, &path("Name")));
        }
        Ok((name, value))
    });
    read.collect()
}

fn text(text: Option<String>, path: &str) -> Result<String, ApiError> {
    let text = text.unwrap_or_default();
    let is_taken =
        text.is_ascii() && !text.trim().is_empty() && !text.contains(|c: char| c.is_ascii_control());
    if is_taken { Ok(text) } else { Err(errors::invalid_value(text.escape_debug(), path)) }
}
