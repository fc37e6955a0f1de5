//! Bodies in chunks (`aws-chunked`): `<size in hex>[;chunk-signature=<signature>]`, the data, and so on to a chunk of
//! size zero, then trailers. Each signature covers the one before it, so chunks cannot be left out or moved. Chunks are
//! taken apart as they arrive; no more than a line of a body is kept.

use super::payload::{Chunking, Payload};
use super::{Canonical, SigningKey, add_head, hex_hash};
use crate::auth_error::AuthError;
use crate::form::Form;
use crate::scope::Scope;
use http::HeaderMap;
use sha2::{Digest, Sha256};
use std::ops::Range;

const CHUNK: &str = "AWS4-HMAC-SHA256-PAYLOAD";
const TRAILER: &str = "AWS4-HMAC-SHA256-TRAILER";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";
/// Longest line between chunks, and the most trailers.
const LINE_BYTES_MAX: usize = 8 * 1024;
const TRAILERS_MAX: usize = 16;

/// What came behind a body: names in lower case and values, such as a checksum.
pub type Trailers = Vec<(String, String)>;

/// A body taken out of its chunks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chunked {
    /// The data.
    pub body: Vec<u8>,
    /// What came behind it.
    pub trailers: Trailers,
}

/// Takes a body out of its chunks, if the headers say that it is in chunks. Signatures were checked with the
/// caller's.
pub fn decode_chunks(headers: &HeaderMap, body: &[u8]) -> Result<Option<Chunked>, AuthError> {
    let Some(chunking) = Chunking::of(headers) else { return Ok(None) };
    let mut whole = Vec::new();
    let mut chunks = Chunks::new(chunking, None);
    chunks.push(body, |data| whole.extend_from_slice(&body[data]))?;
    Ok(Some(Chunked { body: whole, trailers: chunks.finish()? }))
}

/// Checks the signatures of all chunks and of the trailers of a body that is here.
pub(super) fn check(
    key: &SigningKey,
    form: &Form<'_>,
    scope: &Scope<'_>,
    request: &Canonical<'_>,
) -> Result<(), AuthError> {
    let (Payload::Chunked(chunking), Some(body)) = (request.payload, request.body) else { return Ok(()) };
    if !chunking.is_signed {
        return Ok(());
    }
    let mut chunks = Chunks::new(*chunking, Some(Chain::of(key, form, scope)));
    chunks.push(body, |_| ())?;
    chunks.finish().map(|_| ())
}

/// The chain of signatures: each link is over the one before it and what follows.
pub(crate) struct Chain {
    key: SigningKey,
    date: String,
    scope: [String; 4],
    previous: String,
}

impl Chain {
    /// The chain that begins with the signature of a head.
    pub(crate) fn of(key: &SigningKey, form: &Form<'_>, scope: &Scope<'_>) -> Self {
        let scope = [scope.date, scope.region, scope.service, scope.terminator].map(str::to_owned);
        Chain { key: key.clone(), date: form.date.to_string(), scope, previous: form.signature.to_string() }
    }

    fn check(&mut self, algorithm: &str, hashes: &[&[u8]], signature: &str) -> Result<(), AuthError> {
        let mut mac = self.key.mac();
        let [date, region, service, terminator] = &self.scope;
        let scope = Scope { access_key_id: "", date, region, service, terminator };
        add_head(&mut mac, algorithm, &self.date, &scope);
        mac.add(self.previous.as_bytes());
        mac.add(b"\n");
        hashes.iter().for_each(|hash| mac.add(hash));
        if !mac.matches_hex(signature) {
            return Err(AuthError::SignatureMismatch);
        }
        self.previous = signature.to_owned();
        Ok(())
    }
}

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The line that begins a chunk.
    Size,
    /// So many bytes of a chunk's data.
    Data(u64),
    /// The end of the line behind a chunk's data.
    End,
    /// Trailers, to the end of the body.
    Trailers,
}

/// A body on its way out of its chunks.
pub(crate) struct Chunks {
    is_signed: bool,
    chain: Option<Chain>,
    state: State,
    line: Vec<u8>,
    /// Of the data of the chunk that is being read, and what its signature says.
    hash: Sha256,
    signature: String,
    trailers: Trailers,
    trailer_signature: Option<String>,
    /// The lines of the trailers as they were sent.
    signed_trailers: String,
}

impl Chunks {
    /// Chunks whose signatures are checked by `chain`, if it is given.
    pub(crate) fn new(chunking: Chunking, chain: Option<Chain>) -> Self {
        Chunks {
            is_signed: chunking.is_signed,
            chain,
            state: State::Size,
            line: Vec::new(),
            hash: Sha256::new(),
            signature: String::new(),
            trailers: Vec::new(),
            trailer_signature: None,
            signed_trailers: String::new(),
        }
    }

    /// Takes the next bytes of a body; `on_data` is told where in them data is. The data of a chunk is handed on before
    /// its signature can be checked: nothing is to be believed before [`Chunks::finish`].
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        mut on_data: impl FnMut(Range<usize>),
    ) -> Result<(), AuthError> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Data(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - at);
                    let data = at..at + length;
                    if self.chain.is_some() {
                        self.hash.update(&bytes[data.clone()]);
                    }
                    on_data(data);
                    at += length;
                    let left = left - length as u64;
                    self.state = if left > 0 { State::Data(left) } else { State::End };
                }
                _ => at += self.take_line(&bytes[at..])?,
            }
        }
        Ok(())
    }

    /// The trailers, once the whole body was pushed.
    pub(crate) fn finish(mut self) -> Result<Trailers, AuthError> {
        if self.state != State::Trailers || !self.line.is_empty() {
            return Err(AuthError::BrokenChunks);
        }
        if let Some(chain) = &mut self.chain {
            match &self.trailer_signature {
                Some(signature) => {
                    chain.check(TRAILER, &[&hex_hash(self.signed_trailers.as_bytes())], signature)?;
                }
                // Trailers that are not signed are taken only where none were announced and none came.
                None if self.trailers.is_empty() => {}
                None => return Err(AuthError::SignatureMismatch),
            }
        }
        Ok(self.trailers)
    }

    /// Takes bytes up to the end of a line, and acts on it once it is whole.
    fn take_line(&mut self, bytes: &[u8]) -> Result<usize, AuthError> {
        let end = memchr::memchr(b'\n', bytes);
        let length = end.map_or(bytes.len(), |end| end + 1);
        if self.line.len() + length > LINE_BYTES_MAX {
            return Err(AuthError::BrokenChunks);
        }
        self.line.extend_from_slice(&bytes[..length]);
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            let line = &line[..line.len() - 1];
            let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line));
            self.line(line.map_err(|_| AuthError::BrokenChunks)?)?;
        }
        Ok(length)
    }

    fn line(&mut self, line: &str) -> Result<(), AuthError> {
        match self.state {
            State::Size => self.begin_chunk(line),
            State::End if line.is_empty() => {
                self.state = State::Size;
                self.check_chunk()
            }
            State::Trailers => self.trailer(line),
            State::End | State::Data(_) => Err(AuthError::BrokenChunks),
        }
    }

    fn begin_chunk(&mut self, line: &str) -> Result<(), AuthError> {
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let is_hex = (1..=16).contains(&size.len()) && size.bytes().all(|digit| digit.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex).ok_or(AuthError::BrokenChunks)?;
        self.signature = extension.strip_prefix("chunk-signature=").unwrap_or_default().to_owned();
        if self.is_signed && self.signature.is_empty() {
            return Err(AuthError::BrokenChunks);
        }
        self.state = State::Data(size);
        if size == 0 {
            self.state = State::Trailers;
            self.check_chunk()?;
        }
        Ok(())
    }

    /// A chunk that has ended is judged by its form first.
    fn check_chunk(&mut self) -> Result<(), AuthError> {
        if let Some(chain) = &mut self.chain {
            let hash = super::hex(&self.hash.finalize_reset().into());
            chain.check(CHUNK, &[&hex_hash(b""), b"\n", &hash], &self.signature)?;
        }
        Ok(())
    }

    fn trailer(&mut self, line: &str) -> Result<(), AuthError> {
        if line.is_empty() {
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or(AuthError::BrokenChunks)?;
        let value = value.trim();
        if name == TRAILER_SIGNATURE {
            self.trailer_signature = Some(value.to_owned());
        } else if self.trailers.len() < TRAILERS_MAX {
            self.signed_trailers += &format!("{name}:{value}\n");
            self.trailers.push((name.to_ascii_lowercase(), value.to_owned()));
        } else {
            return Err(AuthError::BrokenChunks);
        }
        Ok(())
    }
}
