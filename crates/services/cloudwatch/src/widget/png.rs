//! A picture as a PNG file: true colour, no filters, one compressed chunk.

use super::color::Color;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
/// Eight bits a channel, true colour, deflate, filters by the row, not interlaced.
const FORMAT: [u8; 5] = [8, 2, 0, 0, 0];

/// The file of rows of so many pixels.
pub(super) fn encode(width: usize, pixels: &[Color]) -> Vec<u8> {
    let mut data = ZlibEncoder::new(Vec::new(), Compression::fast());
    for row in pixels.chunks(width) {
        // Nothing fails that writes to memory.
        _ = data.write_all(&[0]).and_then(|()| data.write_all(row.as_flattened()));
    }
    let height = pixels.len() / width;
    let sizes = [width as u32, height as u32].map(u32::to_be_bytes);
    let mut file = SIGNATURE.to_vec();
    chunk(&mut file, *b"IHDR", &[sizes.as_flattened(), &FORMAT].concat());
    chunk(&mut file, *b"IDAT", &data.finish().unwrap_or_default());
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let from = file.len();
    file.extend_from_slice(&kind);
    file.extend_from_slice(data);
    let sum = crc32fast::hash(&file[from..]);
    file.extend_from_slice(&sum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pixels() {
        let file = encode(2, &[[1, 2, 3], [4, 5, 6]]);
        assert_eq!(file[..8], SIGNATURE);
        assert_eq!(file[12..29], *b"IHDR\0\0\0\x02\0\0\0\x01\x08\x02\0\0\0");
        let length = u32::from_be_bytes([file[33], file[34], file[35], file[36]]) as usize;
        let mut rows = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&file[41..41 + length]), &mut rows)
            .unwrap();
        assert_eq!(rows, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(file[file.len() - 12..], *b"\0\0\0\0IEND\xae\x42\x60\x82");
    }
}
