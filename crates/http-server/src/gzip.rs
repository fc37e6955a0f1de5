//! Compressed bodies, bounded: a small body must not become a huge one.

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderMap, header};
use std::io::{Read, Write};

/// Why a compressed body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// More than the limit comes out.
    TooLarge,
    /// Not gzip.
    Broken,
}

/// Whether a header says gzip: `Content-Encoding` of a request.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"))
}

/// Whether a client takes gzip. A weight of zero is a refusal.
pub(crate) fn is_accepted(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("gzip")
            && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Decompresses, at most `limit` bytes.
pub(crate) fn inflate(body: &[u8], limit: usize) -> Result<Bytes, Fault> {
    let mut out = Vec::with_capacity((body.len() * 4).min(limit));
    let mut reader = MultiGzDecoder::new(body).take(limit as u64 + 1);
    reader.read_to_end(&mut out).map_err(|_| Fault::Broken)?;
    if out.len() > limit { Err(Fault::TooLarge) } else { Ok(out.into()) }
}

/// Compresses, fast rather than small.
pub(crate) fn deflate(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("a vector takes every write").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_within_the_limit() {
        let body = vec![b'x'; 10_000];
        let small = deflate(&body);
        assert!(small.len() < 200);
        assert_eq!(inflate(&small, 10_000).as_deref(), Ok(&body[..]));
        assert_eq!(inflate(&small, 9_999), Err(Fault::TooLarge));
        assert_eq!(inflate(b"no gzip", 10_000), Err(Fault::Broken));
        assert_eq!(inflate(&small[..small.len() - 4], 10_000), Err(Fault::Broken));
    }

    #[test]
    fn who_takes_gzip() {
        for (value, expect) in
            [("gzip", true), ("br, gzip;q=0.8", true), ("identity", false), ("gzip;q=0", false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().expect("a header value"));
            assert_eq!(is_accepted(&headers), expect, "{value}");
        }
    }
}
