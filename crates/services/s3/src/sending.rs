//! What requests that send bytes share: what their heads say of the bytes, and how the bytes come.

use crate::checksum::{Algorithm, Expected};
use crate::errors;
use crate::object::PUT_BYTES_MAX;
use crate::writing::Writing;
use model::ApiError;
use pipeline::{Arriving, Cx, Streams};
use std::sync::Arc;

/// The checksum members of an input, by their algorithms.
macro_rules! checksums {
    ($input:expr) => {
        [
            (Algorithm::Crc32, $input.checksum_crc32.take()),
            (Algorithm::Crc32c, $input.checksum_crc32_c.take()),
            (Algorithm::Crc64nvme, $input.checksum_crc64_nvme.take()),
            (Algorithm::Sha1, $input.checksum_sha1.take()),
            (Algorithm::Sha256, $input.checksum_sha256.take()),
        ]
    };
}
pub(crate) use checksums;

/// Sets the member of an output that has this checksum.
macro_rules! show_checksum {
    ($output:expr, $algorithm:expr, $value:expr) => {
        match $algorithm {
            Algorithm::Crc32 => $output.checksum_crc32 = Some($value),
            Algorithm::Crc32c => $output.checksum_crc32_c = Some($value),
            Algorithm::Crc64nvme => $output.checksum_crc64_nvme = Some($value),
            Algorithm::Sha1 => $output.checksum_sha1 = Some($value),
            Algorithm::Sha256 => $output.checksum_sha256 = Some($value),
        }
    };
}
pub(crate) use show_checksum;

/// Refuses a part with another checksum than its upload has.
pub(crate) fn agree(expected: &mut Expected, algorithm: Algorithm) -> Result<(), ApiError> {
    match expected.algorithm {
        Some(other) if other != algorithm => Err(errors::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            algorithm.name().to_ascii_lowercase(),
            other.name().to_ascii_lowercase()
        ))),
        _ => {
            expected.algorithm = Some(algorithm);
            Ok(())
        }
    }
}

/// What a head says of the bytes: a digest, and at most one checksum.
pub(crate) fn expected(
    md5: Option<String>,
    algorithm: Option<&str>,
    checksums: [(Algorithm, Option<String>); 5],
) -> Result<Expected, ApiError> {
    let mut given = checksums.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err(errors::several_checksums());
    }
    if let Some((algorithm, value)) = &first {
        algorithm.check(value)?;
    }
    let named = algorithm.map(self::algorithm).transpose()?;
    let (algorithm, value) = match first {
        Some((algorithm, value)) => (Some(algorithm), Some(value)),
        None => (named, None),
    };
    let expected = Expected { md5, algorithm, value };
    expected.check()?;
    Ok(expected)
}

/// The algorithm that a header names.
pub(crate) fn algorithm(name: &str) -> Result<Algorithm, ApiError> {
    Algorithm::named(name).ok_or_else(unknown_algorithm)
}

fn unknown_algorithm() -> ApiError {
    errors::invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                             [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    )
}

/// The body of a request, and the checksum that is to come behind it.
pub(crate) struct Incoming {
    body: Arriving,
    length: u64,
}

impl Incoming {
    /// The body, if its length is one that can be put.
    pub(crate) fn of<S>(cx: &Cx<'_, S>, expected: &mut Expected) -> Result<Self, ApiError> {
        let request = cx.host.request().ok_or_else(errors::missing_length)?;
        let body = request.streams.as_ref().map(Arc::as_ref).and_then(Streams::take_arriving);
        let body = body.ok_or_else(errors::missing_length)?;
        let length = body.length().ok_or_else(errors::missing_length)?;
        if length > PUT_BYTES_MAX {
            return Err(errors::too_large(length, PUT_BYTES_MAX));
        }
        let trailer = request.headers.get("x-amz-trailer").and_then(|value| value.to_str().ok());
        let trailer = trailer.and_then(|name| Algorithm::named(name.strip_prefix(PREFIX)?));
        expected.algorithm = expected.algorithm.or(trailer);
        Ok(Incoming { body, length })
    }

    /// Writes it all; `expected` learns of the checksum behind it.
    pub(crate) async fn write_to(
        mut self,
        writing: &mut Writing,
        expected: &mut Expected,
    ) -> Result<(), ApiError> {
        while let Some(bytes) = self.body.next().await? {
            writing.write(&bytes).await?;
            if writing.size_bytes() > self.length {
                return Err(errors::incomplete_body());
            }
        }
        if writing.size_bytes() != self.length {
            return Err(errors::incomplete_body());
        }
        for (name, value) in self.body.trailers() {
            let Some(name) = name.strip_prefix(PREFIX) else { continue };
            let algorithm = Algorithm::named(name).ok_or_else(unknown_algorithm)?;
            algorithm.check(value)?;
            if algorithm != expected.algorithm() {
                return Err(errors::several_checksums());
            }
            expected.value = Some(value.clone());
        }
        Ok(())
    }
}

const PREFIX: &str = "x-amz-checksum-";

/// Refuses headers that ask for what is not there: keys of clients, tags, locks, other accounts' rights.
pub(crate) fn refuse_unsupported(headers: &[(&str, Option<&String>)]) -> Result<(), ApiError> {
    let asks = |name: &str, value: &str| match name {
        "x-amz-acl" => !matches!(value, "private" | "bucket-owner-full-control" | "bucket-owner-read"),
        _ => true,
    };
    let unsupported = headers.iter().find(|(name, value)| value.is_some_and(|value| asks(name, value)));
    unsupported.map_or(Ok(()), |(name, _)| Err(errors::not_implemented(name)))
}

/// The headers of an input that none of its objects can have.
macro_rules! unsupported {
    ($input:expr) => {
        crate::sending::refuse_unsupported(&[
            ("x-amz-acl", $input.acl.as_ref()),
            ("x-amz-grant-full-control", $input.grant_full_control.as_ref()),
            ("x-amz-grant-read", $input.grant_read.as_ref()),
            ("x-amz-grant-read-acp", $input.grant_read_acp.as_ref()),
            ("x-amz-grant-write-acp", $input.grant_write_acp.as_ref()),
            ("x-amz-server-side-encryption-context", $input.ssekms_encryption_context.as_ref()),
            ("x-amz-server-side-encryption-customer-algorithm", $input.sse_customer_algorithm.as_ref()),
            ("x-amz-tagging", $input.tagging.as_ref()),
            ("x-amz-object-lock-mode", $input.object_lock_mode.as_ref()),
            ("x-amz-object-lock-legal-hold", $input.object_lock_legal_hold_status.as_ref()),
        ])
    };
}
pub(crate) use unsupported;

/// How an input asks for its object to be encrypted.
macro_rules! wanted {
    ($input:expr) => {
        crate::encryption::Wanted::of($input.server_side_encryption.as_deref(), $input.ssekms_key_id.take())
    };
}
pub(crate) use wanted;

/// What an input says of its object beside the bytes.
macro_rules! about {
    ($input:expr) => {
        About {
            content_type: $input.content_type.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            content_disposition: $input.content_disposition.take(),
            cache_control: $input.cache_control.take(),
            expires: $input.expires.take(),
            website_redirect_location: $input.website_redirect_location.take(),
            storage_class: $input.storage_class.take().filter(|class| class != "STANDARD"),
            metadata: $input.metadata.take().unwrap_or_default(),
        }
    };
}
pub(crate) use about;
