//! AttributesToGet: a projection on whole attributes.

use crate::checks::attribute_values;
use crate::errors::{self, Layer};
use expr::Projection;
use model::ApiError;
use std::collections::HashSet;

/// No name is too long, and none comes twice.
pub fn check_attributes_to_get(names: Option<&Vec<String>>, layer: Layer) -> Result<(), ApiError> {
    attribute_values::names(names.into_iter().flatten(), layer)?;
    let mut seen = HashSet::new();
    match names.into_iter().flatten().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(layer.refuse(errors::duplicate_attribute_to_get(name))),
        None => Ok(()),
    }
}

/// The projection.
pub fn attributes_to_get(names: Option<&Vec<String>>) -> Option<Projection> {
    names.map(|names| Projection::of_names(names.iter().map(String::as_str)))
}
