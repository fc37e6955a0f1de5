//! The id of one request, in its answer and in the log.

use std::fmt;
use stdx::Random;

const LENGTH: usize = 52;

/// Fifty-two characters of A-Z and 0-9, made without a system call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; LENGTH]);

impl RequestId {
    /// A new id: a character from each random byte.
    pub fn draw(random: &Random) -> Self {
        let draws: [u64; LENGTH.div_ceil(8)] = random.draw();
        let mut id = [0; LENGTH];
        for (characters, bits) in id.chunks_mut(8).zip(draws) {
            characters.copy_from_slice(&bits.to_le_bytes()[..characters.len()]);
        }
        // In place: `map` on an array of this length calls a function for each element.
        id.iter_mut().for_each(|byte| *byte = character(*byte));
        RequestId(id)
    }

    /// The id as the bytes of its text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the alphabet is ASCII")
    }
}

/// A-Z and 0-5, by the low five bits. Without a table, so that a processor does many at a time.
fn character(random: u8) -> u8 {
    match random & 31 {
        letter @ 0..26 => b'A' + letter,
        digit => b'0' + (digit - 26),
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_two_capitals_and_digits() {
        let random = Random::from_seed(7);
        let (a, b) = (RequestId::draw(&random), RequestId::draw(&random));
        assert_eq!(a.as_str().len(), 52);
        assert!(a.as_str().bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
        assert_ne!(a, b);
    }
}
