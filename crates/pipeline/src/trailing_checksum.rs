//! Checksums behind a body in chunks (`x-amz-trailer: x-amz-checksum-crc32`), as clients of S3 send them: the trailers
//! that were announced are there and no others, and a checksum among them is the body's. Does not read headers that
//! name a checksum in front of the body.

use crc::{CRC_32_ISCSI, CRC_64_NVME, Crc};
use http::{HeaderMap, HeaderName};
use identity::Chunked;
use model::{ApiError, code};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use wire::json::{decode_base64, write_base64};

const ANNOUNCED: HeaderName = HeaderName::from_static("x-amz-trailer");
const PREFIX: &str = "x-amz-checksum-";
static CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
static CRC64NVME: Crc<u64> = Crc::<u64>::new(&CRC_64_NVME);

/// Checks the trailers of a body.
pub(crate) fn check(headers: &HeaderMap, chunked: &Chunked) -> Result<(), ApiError> {
    check_names(&announced(headers), &chunked.trailers)?;
    chunked.trailers.iter().try_for_each(|(name, value)| match name.strip_prefix(PREFIX) {
        Some(algorithm) => check_one(algorithm, value, &chunked.body),
        None => Ok(()),
    })
}

/// Checks that those that were announced came, and no others.
pub(crate) fn check_names(announced: &[String], trailers: &[(String, String)]) -> Result<(), ApiError> {
    let names = || trailers.iter().map(|(name, _)| name.as_str());
    let is_there = |name: &String| names().any(|trailer| trailer == name);
    if !announced.iter().all(is_there) || !names().all(|name| announced.iter().any(|known| known == name)) {
        return Err(malformed_trailer());
    }
    Ok(())
}

/// In lower case.
pub(crate) fn announced(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(ANNOUNCED).into_iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

fn check_one(algorithm: &str, value: &str, body: &[u8]) -> Result<(), ApiError> {
    let digest = digest(algorithm, body).ok_or_else(unsupported_trailer)?;
    let mut expected = Vec::new();
    write_base64(&mut expected, &digest);
    if expected == value.as_bytes() {
        return Ok(());
    }
    let mut sent = Vec::new();
    let is_digest = decode_base64(value, &mut sent).is_ok() && sent.len() == digest.len();
    Err(if is_digest { bad_digest(algorithm) } else { invalid_value(algorithm) })
}

fn digest(algorithm: &str, body: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "crc32" => crc32fast::hash(body).to_be_bytes().to_vec(),
        "crc32c" => CRC32C.checksum(body).to_be_bytes().to_vec(),
        "crc64nvme" => CRC64NVME.checksum(body).to_be_bytes().to_vec(),
        "sha1" => Sha1::digest(body).to_vec(),
        "sha256" => Sha256::digest(body).to_vec(),
        _ => return None,
    })
}

fn malformed_trailer() -> ApiError {
    let text = "The request contained trailing data that was not well-formed or did not conform to our published \
                schema.";
    ApiError::new(code::MALFORMED_TRAILER, text)
}

fn unsupported_trailer() -> ApiError {
    ApiError::new(code::INVALID_TRAILER, "The value specified in the x-amz-trailer header is not supported")
}

fn invalid_value(algorithm: &str) -> ApiError {
    let text = format!("Value for {PREFIX}{algorithm} trailing header is invalid.");
    ApiError::new(code::INVALID_TRAILER, text)
}

fn bad_digest(algorithm: &str) -> ApiError {
    let name = algorithm.to_ascii_uppercase();
    ApiError::new(
        code::BAD_DIGEST,
        format!("The {name} you specified did not match the calculated checksum."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn check(announced: &'static str, trailers: &[(&str, &str)]) -> Result<(), &'static str> {
        let headers = [announced].into_iter().filter(|names| !names.is_empty());
        let headers = headers.map(|names| (ANNOUNCED, HeaderValue::from_static(names))).collect();
        let trailers = trailers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let chunked = Chunked { body: b"123456789".to_vec(), trailers };
        super::check(&headers, &chunked).map_err(|error| error.code.rest_xml().code)
    }

    /// The check values of the algorithms' catalogues, of the digits 1 to 9.
    #[test]
    fn every_algorithm_is_known() {
        for (name, value) in [
            ("x-amz-checksum-crc32", "y/Q5Jg=="),
            ("x-amz-checksum-crc32c", "4waSgw=="),
            ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
            ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
            ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ] {
            assert_eq!(check(name, &[(name, value)]), Ok(()), "{name}");
            assert!(check(name, &[(name, "AAAAAA==")]).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_refused() {
        let crc = "x-amz-checksum-crc32";
        assert_eq!(check("", &[]), Ok(()));
        assert_eq!(check("X-Amz-Checksum-CRC32 , x-other", &[(crc, "y/Q5Jg=="), ("x-other", "1")]), Ok(()));
        for (announced, trailers, expect) in [
            ("x-amz-checksum-crc32", &[][..], "MalformedTrailerError"),
            ("", &[(crc, "y/Q5Jg==")], "MalformedTrailerError"),
            ("x-amz-checksum-sha1", &[(crc, "y/Q5Jg==")], "MalformedTrailerError"),
            ("x-amz-checksum-crc32", &[(crc, "AAAAAA==")], "BadDigest"),
            ("x-amz-checksum-crc32", &[(crc, "y/Q5")], "InvalidRequest"),
            ("x-amz-checksum-crc32", &[(crc, "*")], "InvalidRequest"),
            ("x-amz-checksum-md4", &[("x-amz-checksum-md4", "AA==")], "InvalidRequest"),
        ] {
            assert_eq!(check(announced, trailers), Err(expect), "{announced} {trailers:?}");
        }
    }
}
