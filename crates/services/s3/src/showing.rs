//! What answers show: the heads of objects, and owners.

use crate::object::Object;
use crate::part::KeptPart;
use crate::{errors, range};
use model::ApiError;
use model::s3::{Initiator, Owner};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// Whose a bucket is: the id of an account in S3's form.
pub(crate) fn owner(account: &str) -> Owner {
    Owner { id: Some(stdx::hex::encode(&Sha256::digest(account))), ..Owner::default() }
}

/// Who has begun an upload: the account.
pub(crate) fn initiator(account: &str) -> Initiator {
    Initiator { id: owner(account).id, ..Initiator::default() }
}

/// Which part of an object is asked for, and whether it is named as a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) range: Range<u64>,
    /// `Content-Range`; without one it is the whole.
    pub(crate) content_range: Option<String>,
    /// How many parts the object has, where one of them is asked for.
    pub(crate) parts_count: Option<i64>,
}

/// Where a part lies in its object.
fn part_range(parts: &[KeptPart], number: i64) -> Option<Range<u64>> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let from = parts.get(..index)?.iter().map(|part| part.size_bytes).sum();
    Some(from..from + parts.get(index)?.size_bytes)
}

impl Part {
    /// By `Range` and `partNumber`.
    pub(crate) fn of(
        object: &Object,
        parts: &[KeptPart],
        range: Option<&str>,
        part_number: Option<i64>,
    ) -> Result<Self, ApiError> {
        let size = object.size_bytes;
        let whole = Part { range: 0..size, content_range: None, parts_count: None };
        let ranged = |range: Range<u64>| {
            let content_range = Some(range::content_range(&range, size));
            Part { range, content_range, parts_count: None }
        };
        match (range, part_number) {
            (Some(_), Some(_)) => Err(errors::range_and_part()),
            (Some(header), None) => Ok(range::parse(header, size)?.map_or(whole, ranged)),
            (None, None) => Ok(whole),
            (None, Some(number)) => {
                let wrong = || errors::invalid_part_number(number, parts.len().max(1));
                let range = match (parts, number) {
                    ([], 1) => 0..size,
                    _ => part_range(parts, number).ok_or_else(wrong)?,
                };
                let parts_count = Some(parts.len() as i64).filter(|count| *count > 0);
                let shown = if range.is_empty() { whole } else { ranged(range) };
                Ok(Part { parts_count, ..shown })
            }
        }
    }
}

/// An output with the head of an object, as far as `$input` does not name what it should say instead.
macro_rules! object_head {
    ($output:ident, $object:expr, $part:expr, $input:expr) => {{
        let (object, part): (&crate::object::Object, &crate::showing::Part) = ($object, $part);
        let about = object.about.clone();
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(object.modified_seconds()),
            content_length: Some((part.range.end - part.range.start) as i64),
            content_range: part.content_range.clone(),
            parts_count: part.parts_count,
            e_tag: Some(object.quoted_etag()),
            content_type: $input.response_content_type.or(Some(about.content_type())),
            content_encoding: $input.response_content_encoding.or(about.content_encoding),
            content_language: $input.response_content_language.or(about.content_language),
            content_disposition: $input.response_content_disposition.or(about.content_disposition),
            cache_control: $input.response_cache_control.or(about.cache_control),
            expires: $input.response_expires.map(http_date::write).or(about.expires),
            website_redirect_location: about.website_redirect_location,
            storage_class: about.storage_class,
            metadata: Some(about.metadata).filter(|metadata| !metadata.is_empty()),
            server_side_encryption: object.encryption.as_ref().map(crate::encryption::Encryption::name),
            ssekms_key_id: object.encryption.as_ref().and_then(crate::encryption::Encryption::key_arn),
            ..$output::default()
        };
        let is_whole = part.content_range.is_none();
        let is_asked = $input.checksum_mode.as_deref() == Some("ENABLED");
        if let Some(checksum) = object.checksum.as_ref().filter(|_| is_whole && is_asked) {
            let algorithm = checksum.algorithm;
            crate::sending::show_checksum!(output, algorithm, checksum.value.clone());
            output.checksum_type = Some(checksum.covers.name().to_owned());
        }
        output
    }};
}
pub(crate) use object_head;
