//! One commit in the log:
//! `magic u32 | payload length u32 | position u64 | durable-up-to u64 | generation u64 | crc u32 | 0 u32 | payload`,
//! padded to eight bytes. The checksum covers the header and the payload. The generation is that of the file,
//! so that what a recycled file still holds is never taken for a record.

use super::pages::PageBuffer;
use crate::format::{RECORD_MAGIC, u32_at, u64_at};
use std::ops::Range;

/// Bytes before the payload.
pub(crate) const HEADER_BYTES: usize = 40;
const ALIGNMENT: usize = 8;

/// Where a record is, and what was durable when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: u64,
    pub(crate) durable_up_to: u64,
    pub(crate) generation: u64,
}

/// Bytes of a record in the log.
pub(crate) fn size_bytes(payload_bytes: usize) -> usize {
    (HEADER_BYTES + payload_bytes).next_multiple_of(ALIGNMENT)
}

/// Appends a record whose payload `write` adds.
pub(crate) fn encode(buffer: &mut PageBuffer, place: Place, write: impl FnOnce(&mut PageBuffer)) {
    let start = buffer.len();
    buffer.extend(&[0; HEADER_BYTES]);
    write(buffer);
    let end = buffer.len();
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(&RECORD_MAGIC.to_le_bytes());
    header[4..8].copy_from_slice(&((end - start - HEADER_BYTES) as u32).to_le_bytes());
    header[8..16].copy_from_slice(&place.position.to_le_bytes());
    header[16..24].copy_from_slice(&place.durable_up_to.to_le_bytes());
    header[24..32].copy_from_slice(&place.generation.to_le_bytes());
    let crc = checksum(&header, &buffer.bytes()[start + HEADER_BYTES..end]);
    header[32..36].copy_from_slice(&crc.to_le_bytes());
    buffer.patch(start, &header);
    buffer.align(ALIGNMENT);
}

fn checksum(header: &[u8], payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&header[..32]);
    crc.update(payload);
    crc.finalize()
}

/// A record as read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) place: Place,
    pub(crate) payload: &'a [u8],
    /// Where the next one begins.
    pub(crate) end: usize,
}

/// The record of this generation at `at`, if there is a whole and sound one.
pub(crate) fn decode(bytes: &[u8], at: usize, generation: u64) -> Option<Record<'_>> {
    let header = bytes.get(at..at + HEADER_BYTES)?;
    if u32_at(header, 0) != RECORD_MAGIC || u64_at(header, 24) != generation {
        return None;
    }
    let payload_bytes = u32_at(header, 4) as usize;
    let payload = bytes.get(at + HEADER_BYTES..(at + HEADER_BYTES).checked_add(payload_bytes)?)?;
    if checksum(header, payload) != u32_at(header, 32) {
        return None;
    }
    let place = Place { position: u64_at(header, 8), durable_up_to: u64_at(header, 16), generation };
    Some(Record { place, payload, end: at + size_bytes(payload_bytes) })
}

/// The sound records of this generation from `at` on, wherever they begin.
fn sound(bytes: &[u8], at: usize, generation: u64) -> impl Iterator<Item = (usize, Record<'_>)> {
    let magic = RECORD_MAGIC.to_le_bytes();
    (at.next_multiple_of(ALIGNMENT)..bytes.len())
        .step_by(ALIGNMENT)
        .filter(move |&at| bytes[at..].starts_with(&magic))
        .filter_map(move |at| Some((at, decode(bytes, at, generation)?)))
}

/// The highest position that any record from `at` on names as durable before it was written.
pub(crate) fn proven_durable(bytes: &[u8], at: usize, generation: u64) -> Option<u64> {
    sound(bytes, at, generation).map(|(_, record)| record.place.durable_up_to).max()
}

/// The first record from `at` on with one of these positions: where it begins, and its position.
pub(crate) fn find(bytes: &[u8], at: usize, generation: u64, positions: Range<u64>) -> Option<(usize, u64)> {
    let mut places = sound(bytes, at, generation).map(|(at, record)| (at, record.place.position));
    places.find(|(_, position)| positions.contains(position))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(payloads: &[&[u8]], generation: u64) -> Vec<u8> {
        let mut buffer = PageBuffer::default();
        for (i, payload) in payloads.iter().enumerate() {
            let place = Place { position: i as u64 + 1, durable_up_to: i as u64, generation };
            encode(&mut buffer, place, |b| b.extend(payload));
        }
        buffer.bytes()[..buffer.len()].to_vec()
    }

    #[test]
    fn records_come_back_in_order() {
        let log = log_of(&[b"one", b"", b"three"], 7);
        let mut at = 0;
        for (i, payload) in [&b"one"[..], b"", b"three"].into_iter().enumerate() {
            let record = decode(&log, at, 7).unwrap();
            assert_eq!((record.place.position, record.payload), (i as u64 + 1, payload));
            at = record.end;
        }
        assert_eq!(at, log.len());
        assert_eq!(decode(&log, at, 7), None);
    }

    #[test]
    fn a_changed_byte_a_cut_or_another_generation_is_no_record() {
        let log = log_of(&[b"payload"], 7);
        for i in (0..36).chain(40..47) {
            let mut changed = log.clone();
            changed[i] ^= 1;
            assert_eq!(decode(&changed, 0, 7), None, "byte {i}");
        }
        assert_eq!(decode(&log[..46], 0, 7), None);
        assert_eq!(decode(&log, 0, 8), None);
    }

    #[test]
    fn later_records_prove_what_was_durable() {
        let log = log_of(&[b"one", b"two", b"three"], 7);
        assert_eq!(proven_durable(&log, 8, 7), Some(2));
        assert_eq!(proven_durable(&log, 8, 8), None);
        let third = log.len() - size_bytes(5);
        assert_eq!(find(&log, 8, 7, 3..9), Some((third, 3)));
        assert_eq!(find(&log, 8, 7, 4..9), None);
    }
}
