//! How a body is signed: its hash, or for S3 alone a word in its place, by `x-amz-content-sha256`.

use super::{hex_hash, is_s3};
use crate::auth_error::AuthError;
use crate::form::{Carrier, text};
use http::{HeaderMap, HeaderName};

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What represents the body in the canonical request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// The hash of the body, in hexadecimal.
    Hash([u8; 64]),
    /// Nothing: the body is not signed.
    Unsigned,
    /// A word: the body is in chunks.
    Chunked(Chunking),
}

/// How a body in chunks is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunking {
    /// The word that is signed.
    pub(crate) word: &'static str,
    /// Whether every chunk has a signature.
    pub(crate) is_signed: bool,
}

const CHUNKINGS: [Chunking; 3] = [
    Chunking { word: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", is_signed: true },
    Chunking { word: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", is_signed: true },
    Chunking { word: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", is_signed: false },
];

impl Chunking {
    /// The chunking that a request announces.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Chunking> {
        let word = text(headers, &CONTENT_SHA256)?;
        CHUNKINGS.into_iter().find(|chunking| chunking.word == word)
    }
}

impl Payload {
    /// How this body is signed. A body with another hash than announced is refused; of one that is not here yet
    /// (`None`) the hash must be announced.
    pub(crate) fn of(
        service: &str,
        carrier: Carrier,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Result<Payload, AuthError> {
        let announced = text(headers, &CONTENT_SHA256).filter(|_| is_s3(service));
        match announced {
            Some(UNSIGNED) => return Ok(Payload::Unsigned),
            None if is_s3(service) && carrier != Carrier::Header => return Ok(Payload::Unsigned),
            _ => {}
        }
        if let Some(chunking) = announced.and_then(|_| Chunking::of(headers)) {
            return Ok(Payload::Chunked(chunking));
        }
        let Some(body) = body else {
            let hash = announced.and_then(|hash| hash.as_bytes().try_into().ok());
            return hash.map(Payload::Hash).ok_or(AuthError::ContentMismatch);
        };
        let hash = hex_hash(body);
        if announced.is_some_and(|announced| announced.as_bytes() != hash) {
            return Err(AuthError::ContentMismatch);
        }
        Ok(Payload::Hash(hash))
    }

    /// What is signed.
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Payload::Hash(hash) => hash,
            Payload::Unsigned => UNSIGNED.as_bytes(),
            Payload::Chunked(chunking) => chunking.word.as_bytes(),
        }
    }
}
