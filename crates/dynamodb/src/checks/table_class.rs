//! The class of a table, which is refused in words of its own where other members of a set of names are constraints.

use model::ApiError;

/// In CreateTable and UpdateTable alike; letter case matters.
pub fn check(class: Option<&str>) -> Result<(), ApiError> {
    match class {
        None | Some("STANDARD" | "STANDARD_INFREQUENT_ACCESS") => Ok(()),
        Some(_) => Err(ApiError::validation(
            "Invalid table-class parameter provided. Please try again with a valid table-class value: \
             [STANDARD, STANDARD_INFREQUENT_ACCESS].",
        )),
    }
}
