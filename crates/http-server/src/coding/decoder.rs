//! Decoding in steps; the memory of each step is known before it.

use super::{Coding, Fault};
use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use std::io::{self, Read};

/// A body that is being decoded.
pub(super) struct Decoder {
    source: Source,
    out: Vec<u8>,
    /// How large `out` may be after the next step.
    room_bytes: usize,
    limit: usize,
    is_done: bool,
}

enum Source {
    Gzip(MultiGzDecoder<Reader<Bytes>>),
    Deflate(ZlibDecoder<Reader<Bytes>>),
}

/// The first step makes room for so many times the body, each later one for so many times the last.
const GROWTH: usize = 4;
const FIRST_BYTES_MIN: usize = 4 * 1024;

/// What a decoder needs beside the result: the last 32 KiB, for what repeats them, and its tables.
pub(super) const STATE_BYTES: usize = 48 * 1024;

impl Decoder {
    pub(super) fn new(coding: Coding, body: Bytes, limit: usize) -> Self {
        let room_bytes = (body.len() * GROWTH).max(FIRST_BYTES_MIN).min(limit + 1);
        let source = match coding {
            Coding::Gzip => Source::Gzip(MultiGzDecoder::new(body.reader())),
            Coding::Deflate => Source::Deflate(ZlibDecoder::new(body.reader())),
        };
        Decoder { source, out: Vec::new(), room_bytes, limit, is_done: false }
    }

    /// How much memory it takes after the next step.
    pub(super) fn wanted_bytes(&self) -> usize {
        STATE_BYTES + self.room_bytes
    }

    /// Decodes until the room is full or the body is done.
    pub(super) fn step(&mut self) -> Result<(), Fault> {
        self.out.reserve_exact(self.room_bytes - self.out.len());
        let room = self.room_bytes - self.out.len();
        let read = self.source.read(room, &mut self.out).map_err(|_| Fault::Broken)?;
        if self.out.len() > self.limit {
            return Err(Fault::TooLarge);
        }
        self.is_done = read < room;
        self.room_bytes = (self.room_bytes * GROWTH).min(self.limit + 1);
        Ok(())
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.out.into()
    }
}

impl Source {
    /// Reads until `room` bytes are added to `out` or there are no more.
    fn read(&mut self, room: usize, out: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Source::Gzip(reader) => reader.take(room as u64).read_to_end(out),
            Source::Deflate(reader) => reader.take(room as u64).read_to_end(out),
        }
    }
}
