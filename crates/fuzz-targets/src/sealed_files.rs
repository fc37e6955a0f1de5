//! A sealed file that was cut, whose chunks were swapped, left out or doubled, or that never was one, gives the bytes
//! that were sealed at a place or none, whatever it is said to be.

use sealing::file::{CHUNK_BYTES, Opener, Sealer};
use std::ops::Range;
use std::sync::OnceLock;

const KEY: [u8; sealing::KEY_BYTES] = [7; sealing::KEY_BYTES];
/// Three chunks, the last one short.
const SIZE: usize = 2 * CHUNK_BYTES as usize + 1_000;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES as usize + 16;

/// Four bytes each of the size that the file is said to have, and of the range that is read of it; then what is done to
/// the file, as an instruction of one byte with two bytes each of where and of what.
pub fn sealed_files(input: &[u8]) {
    let Some((asked, edits)) = input.split_first_chunk::<12>() else { return };
    let number = |at: usize| u32::from_le_bytes([asked[at], asked[at + 1], asked[at + 2], asked[at + 3]]);
    let size = u64::from(number(0)) % (4 * CHUNK_BYTES);
    let start = u64::from(number(4)) % (size + 1);
    let range = start..start + u64::from(number(8)) % (size - start + 1);
    let opener = Opener::new(&KEY, size);
    as_a_file(&opener, &range, edited(edits));
    as_garbage(&opener, &range, edits.to_vec());
}

/// As a reader of the file does it, who reads what there is.
fn as_a_file(opener: &Opener, range: &Range<u64>, file: Vec<u8>) {
    let place = opener.place(range);
    assert!(place.start <= place.end, "a place is a range");
    let end = file.len().min(place.end as usize);
    let mut chunks = file[end.min(place.start as usize)..end].to_vec();
    if let Some(opened) = opener.open(range, &mut chunks) {
        let expected = plain().get(range.start as usize..range.end as usize);
        assert_eq!(opened, expected.unwrap_or_default(), "behind the end there is nothing");
    }
}

/// Bytes that no one has sealed.
fn as_garbage(opener: &Opener, range: &Range<u64>, mut chunks: Vec<u8>) {
    let opened = opener.open(range, &mut chunks);
    assert!(opened.is_none_or(|opened| opened.is_empty()), "garbage was opened");
}

fn plain() -> &'static [u8] {
    static PLAIN: OnceLock<Vec<u8>> = OnceLock::new();
    PLAIN.get_or_init(|| (0..SIZE).map(|at| (at / 251 + at % 251) as u8).collect())
}

fn sealed() -> &'static [u8] {
    static SEALED: OnceLock<Vec<u8>> = OnceLock::new();
    SEALED.get_or_init(|| {
        let (mut sealer, mut file) = (Sealer::new(&KEY), Vec::new());
        sealer.seal(plain(), &mut file);
        sealer.finish(&mut file);
        file
    })
}

fn edited(edits: &[u8]) -> Vec<u8> {
    let mut file = sealed().to_vec();
    for edit in edits.chunks_exact(5).take(8) {
        let [what, a, b, c, d] = *edit else { continue };
        edit_file(&mut file, what, u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    }
    file
}

fn edit_file(file: &mut Vec<u8>, what: u8, at: u16, with: u16) {
    // Places are spread over the whole file.
    let byte = usize::from(at) * 3 % (file.len() + 1);
    let chunk = |number: u16| {
        let start = (usize::from(number) % 4 * SEALED_CHUNK_BYTES).min(file.len());
        start..(start + SEALED_CHUNK_BYTES).min(file.len())
    };
    match what % 6 {
        0 if byte < file.len() => file[byte] ^= (with as u8).max(1),
        1 => file.truncate(byte),
        2 => drop(file.drain(chunk(at))),
        3 => file.extend_from_within(chunk(at)),
        4 => {
            let (one, other) = (chunk(at), chunk(with));
            let swapped = [file[one.clone()].to_vec(), file[other.clone()].to_vec()];
            if one.len() == other.len() {
                file[one].copy_from_slice(&swapped[1]);
                file[other].copy_from_slice(&swapped[0]);
            }
        }
        _ => file.extend_from_slice(&with.to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::{SIZE, plain, sealed};
    use crate::mutations::each;
    use sealing::file::Opener;

    /// The size, the range and these edits.
    fn input(size: usize, range: std::ops::Range<usize>, edits: &[u8]) -> Vec<u8> {
        let numbers = [size, range.start, range.len()].map(|number| (number as u32).to_le_bytes());
        [numbers.as_flattened(), edits].concat()
    }

    #[test]
    fn damaged_files() {
        let samples = [
            input(SIZE, 0..SIZE, &[]),
            input(SIZE, 70_000..140_000, &[4, 0, 0, 1, 0]),
            input(SIZE + 70_000, 0..SIZE, &[3, 2, 0, 0, 0]),
            input(65_536 + 1_000, 0..66_000, &[2, 1, 0, 0, 0]),
            input(2 * 65_536, 65_536..131_072, &[1, 0x56, 0xaa, 0, 0]),
            input(0, 0..0, &[0, 1, 0, 9, 0, 5, 0, 0, 0, 0]),
        ];
        let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
        each(&samples, 1_000, super::sealed_files);
    }

    #[test]
    fn an_untouched_file_opens() {
        let opener = Opener::new(&super::KEY, SIZE as u64);
        let opened = opener.open(&(0..SIZE as u64), &mut sealed().to_vec());
        assert_eq!(opened.as_deref(), Some(plain()));
    }
}
