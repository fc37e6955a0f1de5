//! Bodies in chunks (`aws-chunked`): `<size in hex>[;chunk-signature=<signature>]`, the data, and so on to a chunk of
//! size zero, then trailers. Each signature covers the one before it, so chunks cannot be left out or moved.

use super::payload::{Chunking, Payload};
use super::{Canonical, SigningKey, add_head, hex_hash};
use crate::auth_error::AuthError;
use crate::form::Form;
use crate::scope::Scope;
use http::HeaderMap;

const CHUNK: &str = "AWS4-HMAC-SHA256-PAYLOAD";
const TRAILER: &str = "AWS4-HMAC-SHA256-TRAILER";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";
/// Longest line between chunks, and the most trailers.
const LINE_BYTES_MAX: usize = 8 * 1024;
const TRAILERS_MAX: usize = 16;

/// A body taken out of its chunks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chunked {
    /// The data.
    pub body: Vec<u8>,
    /// What came behind it: names in lower case and values, such as a checksum.
    pub trailers: Vec<(String, String)>,
}

/// Takes a body out of its chunks, if the headers say that it is in chunks. Signatures were checked with the
/// caller's.
pub fn decode_chunks(headers: &HeaderMap, body: &[u8]) -> Result<Option<Chunked>, AuthError> {
    let Some(chunking) = Chunking::of(headers) else { return Ok(None) };
    let mut chunked = Chunked::default();
    let mut reader = Chunks { rest: body };
    while let Some(chunk) = reader.next(chunking)? {
        chunked.body.extend_from_slice(chunk.data);
    }
    let trailers = reader.trailers()?;
    let named = trailers.lines.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    chunked.trailers = named.collect();
    Ok(Some(chunked))
}

/// Checks the signatures of all chunks and of the trailers.
pub(super) fn check(
    key: &SigningKey,
    form: &Form<'_>,
    scope: &Scope<'_>,
    request: &Canonical<'_>,
) -> Result<(), AuthError> {
    let Payload::Chunked(chunking) = request.payload else { return Ok(()) };
    if !chunking.is_signed {
        return Ok(());
    }
    let mut reader = Chunks { rest: request.body };
    let mut previous = &*form.signature;
    let mut is_last = false;
    while !is_last {
        let chunk = reader.next_or_last(*chunking)?;
        let hashes = [&hex_hash(b"")[..], b"\n", &hex_hash(chunk.data)];
        check_link(key, form, scope, CHUNK, previous, &hashes, chunk.signature)?;
        (previous, is_last) = (chunk.signature, chunk.data.is_empty());
    }
    let trailers = reader.trailers()?;
    let Some(signature) = trailers.signature else {
        // Trailers that are not signed are taken only where none were announced and none came.
        return if trailers.lines.is_empty() { Ok(()) } else { Err(AuthError::SignatureMismatch) };
    };
    let text: String = trailers.lines.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    check_link(key, form, scope, TRAILER, previous, &[&hex_hash(text.as_bytes())], signature)
}

/// One link of the chain: a signature over the one before it and what follows.
fn check_link(
    key: &SigningKey,
    form: &Form<'_>,
    scope: &Scope<'_>,
    algorithm: &str,
    previous: &str,
    hashes: &[&[u8]],
    signature: &str,
) -> Result<(), AuthError> {
    let mut mac = key.mac();
    add_head(&mut mac, algorithm, form, scope);
    mac.add(previous.as_bytes());
    mac.add(b"\n");
    hashes.iter().for_each(|hash| mac.add(hash));
    if mac.matches_hex(signature) { Ok(()) } else { Err(AuthError::SignatureMismatch) }
}

struct Chunk<'a> {
    data: &'a [u8],
    signature: &'a str,
}

struct Trailers<'a> {
    lines: Vec<(&'a str, &'a str)>,
    signature: Option<&'a str>,
}

struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    /// The next chunk with data; `None` at the last, which has none.
    fn next(&mut self, chunking: Chunking) -> Result<Option<Chunk<'a>>, AuthError> {
        self.next_or_last(chunking).map(|chunk| Some(chunk).filter(|chunk| !chunk.data.is_empty()))
    }

    fn next_or_last(&mut self, chunking: Chunking) -> Result<Chunk<'a>, AuthError> {
        let line = self.line()?;
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let signature = extension.strip_prefix("chunk-signature=").unwrap_or_default();
        let is_hex = (1..=16).contains(&size.len()) && size.bytes().all(|digit| digit.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex).ok_or(AuthError::BrokenChunks)?;
        if chunking.is_signed && signature.is_empty() {
            return Err(AuthError::BrokenChunks);
        }
        let size = usize::try_from(size).map_err(|_| AuthError::BrokenChunks)?;
        let (data, rest) = self.rest.split_at_checked(size).ok_or(AuthError::BrokenChunks)?;
        self.rest = rest;
        if size > 0 {
            self.rest = rest.strip_prefix(b"\r\n").ok_or(AuthError::BrokenChunks)?;
        }
        Ok(Chunk { data, signature })
    }

    /// What follows the last chunk, to the end.
    fn trailers(&mut self) -> Result<Trailers<'a>, AuthError> {
        let mut trailers = Trailers { lines: Vec::new(), signature: None };
        while !self.rest.is_empty() {
            let line = self.line()?;
            if line.is_empty() {
                continue;
            }
            let (name, value) = line.split_once(':').ok_or(AuthError::BrokenChunks)?;
            let value = value.trim();
            if name == TRAILER_SIGNATURE {
                trailers.signature = Some(value);
            } else if trailers.lines.len() < TRAILERS_MAX {
                trailers.lines.push((name, value));
            } else {
                return Err(AuthError::BrokenChunks);
            }
        }
        Ok(trailers)
    }

    fn line(&mut self) -> Result<&'a str, AuthError> {
        let start = &self.rest[..self.rest.len().min(LINE_BYTES_MAX)];
        let end = memchr::memchr(b'\n', start).ok_or(AuthError::BrokenChunks)?;
        let (line, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        let line = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
        std::str::from_utf8(line).map_err(|_| AuthError::BrokenChunks)
    }
}
