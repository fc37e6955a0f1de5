//! The bytes of a file, sealed in chunks, so that any range of them is opened without the rest.
//!
//! ```text
//! file:   chunks of 64 KiB and a last one with what is left, 0 to 64 KiB
//! chunk:  ciphertext | tag 16
//! nonce:  number of the chunk u64 LE | 1 in the last one, otherwise 0, u8 | 0 0 0
//! ```
//!
//! A key is of one file, which is written once, so no nonce comes twice. A chunk opens at its place in its file and
//! nowhere else; a file that was cut or goes on does not open where it should end. Who opens one knows how many bytes
//! it has.

use crate::data_key::{DataKey, KEY_BYTES, NONCE_BYTES, TAG_BYTES};
use std::ops::Range;

/// Bytes of a chunk before it is sealed.
pub const CHUNK_BYTES: u64 = 64 * 1024;
const SEALED_CHUNK_BYTES: u64 = CHUNK_BYTES + TAG_BYTES as u64;

fn nonce(number: u64, is_last: bool) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce[8] = u8::from(is_last);
    nonce
}

/// Seals the bytes of a file as they come.
#[derive(Debug)]
pub struct Sealer {
    key: DataKey,
    number: u64,
    held: Vec<u8>,
}

impl Sealer {
    /// For a file whose key nothing else has.
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Sealer { key: DataKey::new(key), number: 0, held: Vec::new() }
    }

    /// Takes the next bytes of the file, and appends to `out` what is to be written by now.
    pub fn seal(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        let chunk_bytes = CHUNK_BYTES as usize;
        while self.held.len() + bytes.len() > chunk_bytes {
            let (taken, rest) = bytes.split_at(chunk_bytes - self.held.len());
            self.held.extend_from_slice(taken);
            self.end_chunk(false, out);
            bytes = rest;
        }
        self.held.extend_from_slice(bytes);
    }

    /// Appends the last chunk.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.end_chunk(true, out);
    }

    fn end_chunk(&mut self, is_last: bool, out: &mut Vec<u8>) {
        let from = out.len();
        out.append(&mut self.held);
        let tag = self.key.seal(&nonce(self.number, is_last), &[], &mut out[from..]);
        out.extend_from_slice(&tag);
        self.number += 1;
    }
}

/// Opens ranges of a sealed file.
#[derive(Debug)]
pub struct Opener {
    key: DataKey,
    size_bytes: u64,
}

impl Opener {
    /// A file by its key, with as many bytes as were sealed.
    pub fn new(key: &[u8; KEY_BYTES], size_bytes: u64) -> Self {
        Opener { key: DataKey::new(key), size_bytes }
    }

    fn last_chunk(&self) -> u64 {
        self.size_bytes.saturating_sub(1) / CHUNK_BYTES
    }

    /// Where in the file the chunks are that have these bytes. `bytes` ends where the file does or before.
    pub fn place(&self, bytes: &Range<u64>) -> Range<u64> {
        let sealed_bytes = self.size_bytes + (self.last_chunk() + 1) * TAG_BYTES as u64;
        let end = bytes.end.div_ceil(CHUNK_BYTES) * SEALED_CHUNK_BYTES;
        bytes.start / CHUNK_BYTES * SEALED_CHUNK_BYTES..end.min(sealed_bytes)
    }

    /// The bytes of the chunks that were read at [`Opener::place`]. `None`: they are not what was sealed there.
    pub fn open(&self, bytes: &Range<u64>, chunks: &mut [u8]) -> Option<Vec<u8>> {
        let first = bytes.start / CHUNK_BYTES;
        let mut opened = Vec::with_capacity(chunks.len());
        for (number, chunk) in (first..).zip(chunks.chunks_mut(SEALED_CHUNK_BYTES as usize)) {
            let (ciphertext, tag) = chunk.split_last_chunk_mut::<TAG_BYTES>()?;
            let nonce = nonce(number, number == self.last_chunk());
            if !self.key.open(&nonce, &[], ciphertext, tag) {
                return None;
            }
            opened.extend_from_slice(ciphertext);
        }
        let skipped = (bytes.start % CHUNK_BYTES) as usize;
        let length = usize::try_from(bytes.end - bytes.start).ok()?;
        opened.drain(..skipped.min(opened.len()));
        opened.truncate(length);
        (opened.len() == length).then_some(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];
    const CHUNK: usize = CHUNK_BYTES as usize;

    fn bytes(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at / 251 + at % 251) as u8).collect()
    }

    fn sealed(bytes: &[u8], piece: usize) -> Vec<u8> {
        let (mut sealer, mut out) = (Sealer::new(&KEY), Vec::new());
        bytes.chunks(piece).for_each(|piece| sealer.seal(piece, &mut out));
        sealer.finish(&mut out);
        out
    }

    /// As a reader of the file does it.
    fn read(key: &[u8; KEY_BYTES], file: &[u8], size: usize, range: Range<usize>) -> Option<Vec<u8>> {
        let opener = Opener::new(key, size as u64);
        let range = range.start as u64..range.end as u64;
        let place = opener.place(&range);
        let mut chunks = file.get(place.start as usize..place.end as usize)?.to_vec();
        opener.open(&range, &mut chunks)
    }

    #[test]
    fn every_range_opens() {
        for size in [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5] {
            let plain = bytes(size);
            let file = sealed(&plain, 1_000);
            assert_eq!(file, sealed(&plain, 3 * CHUNK), "pieces are not seen in the file");
            assert_eq!(file.len(), size + size.div_ceil(CHUNK) * TAG_BYTES);
            for start in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
                for end in [1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, size - 1, size] {
                    if start < end && end <= size {
                        let found = read(&KEY, &file, size, start..end);
                        assert_eq!(found.as_deref(), Some(&plain[start..end]), "{start}..{end} of {size}");
                    }
                }
            }
        }
        assert_eq!(sealed(&[], 1).len(), TAG_BYTES);
    }

    #[test]
    fn what_is_not_as_it_was_sealed_does_not_open() {
        let size = 2 * CHUNK + 100;
        let file = sealed(&bytes(size), CHUNK);
        let (chunk, range) = (SEALED_CHUNK_BYTES as usize, 0..size);
        let refused = |file: &[u8], size| read(&KEY, file, size, 0..size).is_none();
        assert!(!refused(&file, size));
        for at in [0, 1, CHUNK - 1, CHUNK, chunk - 1, chunk, 2 * chunk, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(refused(&changed, size), "{at}");
        }
        assert!(read(&[8; KEY_BYTES], &file, size, range).is_none(), "another file's key");
        let swapped = [&file[chunk..2 * chunk], &file[..chunk], &file[2 * chunk..]].concat();
        assert!(refused(&swapped, size) && read(&KEY, &swapped, size, 0..10).is_none());
        assert!(refused(&file[..2 * chunk], size), "cut");
        assert!(refused(&file[..2 * chunk], 2 * CHUNK), "cut, and said to be so long");
        assert!(refused(&[&file[..], &[0; 100]].concat(), size + 100), "longer, and said to be so");
        let missing = [&file[..chunk], &file[2 * chunk..]].concat();
        assert!(refused(&missing, CHUNK + 100), "a chunk is left out");
    }

    /// The format on disk: if this changes, rows must tell the new one from it.
    #[test]
    fn the_format_is_fixed() {
        let file = sealed(b"an object", 4);
        assert_eq!(stdx::hex::encode(&file), FIXTURE);
        assert_eq!(read(&KEY, &file, 9, 0..9).as_deref(), Some(&b"an object"[..]));
    }

    const FIXTURE: &str = "84d9172c7c790f3eaac91fe2dde137a6258c099364812e12fe";
}
