//! Content codings: which one a body has, which one a client accepts, and the work itself. A small body that becomes
//! a large one takes its share of the memory for bodies first, and work on large bodies leaves the runtime's workers.

mod accepted;
mod coders;
mod decoder;

pub(crate) use accepted::accepted;
pub(crate) use coders::Coders;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::{HeaderMap, HeaderValue, header};
use std::io::{self, Write};

/// A coding other than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// `gzip`
    Gzip,
    /// `deflate`, which means the zlib format.
    Deflate,
}

/// Why a body could not be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// More than the limit comes out.
    TooLarge,
    /// The coding is unknown, or the body is not in it.
    Broken,
}

impl Coding {
    /// The coding of a request's body, by its header.
    pub(crate) fn of_body(headers: &HeaderMap) -> Result<Option<Coding>, Fault> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(None) };
        let name = value.as_bytes().trim_ascii();
        // What old clients of the service say of a body that is plain.
        let is_plain = name.is_empty() || is(name, "identity") || is(name, "amz-1.0");
        if is_plain { Ok(None) } else { Coding::named(name).map(Some).ok_or(Fault::Broken) }
    }

    /// Its value in headers.
    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        })
    }

    fn named(name: &[u8]) -> Option<Coding> {
        [(Coding::Gzip, "gzip"), (Coding::Deflate, "deflate")]
            .into_iter()
            .find_map(|(coding, known)| is(name, known).then_some(coding))
    }

    fn encoded(self, body: &[u8]) -> Bytes {
        let out = Vec::with_capacity(body.len() / 4);
        let encoded = match self {
            Coding::Gzip => whole(GzEncoder::new(out, Compression::fast()), body, GzEncoder::finish),
            Coding::Deflate => whole(ZlibEncoder::new(out, Compression::fast()), body, ZlibEncoder::finish),
        };
        encoded.expect("a vector takes every write").into()
    }
}

fn is(name: &[u8], known: &str) -> bool {
    name.eq_ignore_ascii_case(known.as_bytes())
}

fn whole<E: Write>(
    mut encoder: E,
    body: &[u8],
    finish: impl FnOnce(E) -> io::Result<Vec<u8>>,
) -> io::Result<Vec<u8>> {
    encoder.write_all(body)?;
    finish(encoder)
}

#[cfg(test)]
mod tests;
