//! The id of one request: what a client quotes and what the log says.

use std::fmt;
use stdx::Random;

const LENGTH: usize = 52;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Fifty-two characters of A-Z and 0-9, made without a system call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; LENGTH]);

impl RequestId {
    /// A new id. Five random bits a character, twelve characters from each draw.
    pub fn draw(random: &Random) -> Self {
        let mut id = [0; LENGTH];
        for chunk in id.chunks_mut(12) {
            let mut bits = random.next_u64();
            for character in chunk {
                *character = ALPHABET[(bits & 31) as usize];
                bits >>= 5;
            }
        }
        RequestId(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the alphabet is ASCII")
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
