//! The lengths of blobs, whose values no refusal shows.

use model::ApiError;
use wire::document::Blob;

/// Refuses a blob that is shorter than a byte or longer than allowed. That it is there is the model's matter.
pub(super) fn check(blob: Option<&Blob>, member: &str, most: usize) -> Result<(), ApiError> {
    let bound = match blob.map_or(1, |blob| blob.0.len()) {
        0 => "greater than or equal to 1".to_owned(),
        length if length > most => format!("less than or equal to {most}"),
        _ => return Ok(()),
    };
    Err(ApiError::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length {bound}"
    )))
}

/// Of a plaintext.
pub(super) const PLAINTEXT_MAX: usize = 4_096;
/// Of a ciphertext.
pub(super) const CIPHERTEXT_MAX: usize = 6_144;
