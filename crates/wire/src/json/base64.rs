//! Base64 with DynamoDB's refusals: the standard alphabet, padding required, no stray bits.

use super::DecodeError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const INVALID: u8 = 0xff;
const VALUES: [u8; 256] = {
    let mut values = [INVALID; 256];
    let mut i = 0;
    while i < 64 {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values
};

/// Appends the bytes behind a text.
pub fn decode_base64(text: &str, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return Err(wrong_length(text.chars().count()));
    }
    out.reserve(bytes.len() / 4 * 3);
    let pads = bytes.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    for quad in bytes[..bytes.len() - pads].chunks(4) {
        let mut word = 0u32;
        for (i, byte) in quad.iter().enumerate() {
            let value = VALUES[usize::from(*byte)];
            if value == INVALID {
                return Err(wrong_character(text));
            }
            word |= u32::from(value) << (18 - 6 * i);
        }
        let kept = quad.len() - 1;
        if kept < 3 && word << (8 + 8 * kept) != 0 {
            return Err(wrong_end());
        }
        out.extend_from_slice(&word.to_be_bytes()[1..1 + kept]);
    }
    Ok(())
}

fn wrong_length(length: usize) -> DecodeError {
    DecodeError::Type(format!("Base64 encoded length is expected a multiple of 4 bytes but found: {length}"))
}

/// Stray bits, or padding in front of the end.
fn wrong_end() -> DecodeError {
    DecodeError::Type("Invalid last non-pad Base64 character dectected".into())
}

fn wrong_character(text: &str) -> DecodeError {
    let known = |c: char| c == '=' || c.is_ascii() && VALUES[c as usize] != INVALID;
    match text.chars().find(|c| !known(*c)) {
        Some(character) => DecodeError::Type(format!("Invalid base 64 character: '{character}'")),
        None => wrong_end(),
    }
}

/// Appends bytes as a Base64 text, without quotes.
pub fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digit = |i: usize| ALPHABET[(word >> (18 - 6 * i)) as usize & 63];
        let mut quad = [digit(0), digit(1), digit(2), digit(3)];
        quad[chunk.len() + 1..].fill(b'=');
        out.extend_from_slice(&quad);
    }
}

/// Bytes as a Base64 text of their own.
pub fn base64_text(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    write_base64(&mut text, bytes);
    String::from_utf8(text).expect("Base64 is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive() {
        for length in 0..50u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(97)).collect();
            let (mut text, mut back) = (Vec::new(), Vec::new());
            write_base64(&mut text, &bytes);
            decode_base64(std::str::from_utf8(&text).unwrap(), &mut back).unwrap();
            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn refusals_are_dynamodbs() {
        for (text, message) in [
            ("abc", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
            ("ab==", "Invalid last non-pad Base64 character dectected"),
            ("abd=", "Invalid last non-pad Base64 character dectected"),
            ("ab*c", "Invalid base 64 character: '*'"),
            ("a=*c", "Invalid base 64 character: '*'"),
            ("a===", "Invalid last non-pad Base64 character dectected"),
            ("====", "Invalid last non-pad Base64 character dectected"),
            ("=+/=", "Invalid last non-pad Base64 character dectected"),
            ("ab==abcd", "Invalid last non-pad Base64 character dectected"),
        ] {
            assert_eq!(
                decode_base64(text, &mut Vec::new()),
                Err(DecodeError::Type(message.into())),
                "{text}"
            );
        }
    }
}
