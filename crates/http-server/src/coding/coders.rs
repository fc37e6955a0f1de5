//! Who does the work. Work on large bodies would keep a worker of the runtime from its other connections, so it hands
//! them to another thread first; and as each of those threads takes memory, there are as many as there are cores.

use super::decoder::{self, Decoder};
use super::{Coding, Fault};
use crate::body_budget::Share;
use bytes::Bytes;
use std::num::NonZero;
use std::thread::available_parallelism;
use tokio::sync::Semaphore;

/// Encodes and decodes the bodies of one listener.
#[derive(Debug)]
pub(crate) struct Coders {
    idle: Semaphore,
}

/// Work on this many bytes is done where the request is served; it takes less than a millisecond.
pub(super) const INLINE_BYTES_MAX: usize = 128 * 1024;

impl Coders {
    pub(crate) fn new() -> Self {
        Coders { idle: Semaphore::new(available_parallelism().map_or(1, NonZero::get)) }
    }

    /// Decodes a body to at most `limit` bytes. `share`, which covers the body already, grows before the memory does.
    pub(crate) async fn decode(
        &self,
        coding: Coding,
        body: &Bytes,
        limit: usize,
        share: &mut Share<'_>,
    ) -> Result<Bytes, Fault> {
        share.grow(body.len() + decoder::STATE_BYTES).await;
        let mut decoder = Decoder::new(coding, body.clone(), limit);
        while !decoder.is_done() {
            share.grow(body.len() + decoder.wanted_bytes()).await;
            self.work(decoder.wanted_bytes(), || decoder.step()).await?;
        }
        Ok(decoder.into_bytes())
    }

    /// Encodes a body, fast rather than small.
    pub(crate) async fn encode(&self, coding: Coding, body: &Bytes) -> Bytes {
        self.work(body.len(), || coding.encoded(body)).await
    }

    /// Does work on so many bytes. Once begun it ends, so a client that leaves does not leave memory behind.
    async fn work<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        if bytes <= INLINE_BYTES_MAX {
            return work();
        }
        let _coder = self.idle.acquire().await.expect("the semaphore is never closed");
        tokio::task::block_in_place(work)
    }
}
