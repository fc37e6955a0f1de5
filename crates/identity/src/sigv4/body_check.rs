//! What is left to check of a body when its head was accepted before it was here: its hash, or its chunks.

use super::chunks::{Chain, Chunks, Trailers};
use super::hex;
use super::payload::{Chunking, Payload};
use crate::auth_error::AuthError;
use sha2::{Digest, Sha256};
use std::fmt;
use std::ops::Range;

/// A body that is checked as it arrives. What it hands on is to be believed once it has finished, not before.
pub struct BodyCheck(Form);

enum Form {
    /// The body is the data, with the hash that was announced.
    Whole(Option<Box<(Sha256, [u8; 64])>>),
    Chunks(Box<Chunks>),
}

impl BodyCheck {
    /// Of a body signed so; `chain` checks the signatures of chunks.
    pub(crate) fn of(payload: &Payload, chain: Option<Chain>) -> Self {
        BodyCheck(match payload {
            Payload::Hash(hash) => Form::Whole(Some(Box::new((Sha256::new(), *hash)))),
            Payload::Unsigned => Form::Whole(None),
            Payload::Chunked(chunking) => Form::Chunks(Box::new(Chunks::new(*chunking, chain))),
        })
    }

    /// Of a body in these chunks whose signatures are not looked at.
    pub(crate) fn believing(chunking: Option<Chunking>) -> Self {
        let chunks = chunking.map(|chunking| Form::Chunks(Box::new(Chunks::new(chunking, None))));
        BodyCheck(chunks.unwrap_or(Form::Whole(None)))
    }

    /// Takes the next bytes; `on_data` is told where in them data is.
    ///
    /// # Errors
    /// When they cannot belong to the body that was signed.
    pub fn push(&mut self, bytes: &[u8], mut on_data: impl FnMut(Range<usize>)) -> Result<(), AuthError> {
        match &mut self.0 {
            Form::Whole(hash) => {
                hash.iter_mut().for_each(|hash| hash.0.update(bytes));
                on_data(0..bytes.len());
                Ok(())
            }
            Form::Chunks(chunks) => chunks.push(bytes, on_data),
        }
    }

    /// Checks the whole, and gives what came behind it.
    ///
    /// # Errors
    /// When it is not the body that was signed.
    pub fn finish(self) -> Result<Trailers, AuthError> {
        match self.0 {
            Form::Whole(None) => Ok(Vec::new()),
            Form::Whole(Some(hash)) => match hex(&hash.0.finalize().into()) == hash.1 {
                true => Ok(Vec::new()),
                false => Err(AuthError::ContentMismatch),
            },
            Form::Chunks(chunks) => chunks.finish(),
        }
    }
}

impl fmt::Debug for BodyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyCheck").finish_non_exhaustive()
    }
}
