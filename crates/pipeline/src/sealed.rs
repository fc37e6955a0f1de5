//! What clients carry from one call to another, such as iterators: bytes that no client can make or change, good for a
//! while on every server that has the secret.
//!
//! ```text
//! sealed = base64( HMAC-SHA256 of context 00 and the rest, 16 bytes | made at µs u64 BE | content )
//! ```

use hmac::{Hmac, Mac};
use sha2::Sha256;
use stdx::Random;
use wire::json::{base64_text, decode_base64};

const MAC_BYTES: usize = 16;

/// What seals and opens.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    /// Shared by all servers of a store.
    pub secret: &'a [u8; Random::SECRET_BYTES],
    /// What the content belongs to: sealed with it, but carried elsewhere.
    pub context: &'a str,
    /// How long it is good, in microseconds.
    pub life_micros: u64,
}

/// Why something sealed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealFault {
    /// It was not sealed with this secret and context, or was changed.
    Forged,
    /// It is too old.
    Expired {
        /// When it was sealed, in microseconds since the Unix epoch.
        made_micros: u64,
    },
}

impl Seal<'_> {
    /// Seals at a time.
    pub fn seal(&self, now_micros: u64, content: &[u8]) -> String {
        let body = [&now_micros.to_be_bytes(), content].concat();
        let mac = self.mac(&body).finalize().into_bytes();
        base64_text(&[&mac[..MAC_BYTES], &body].concat())
    }

    /// The content of what was sealed.
    pub fn open(&self, text: &str, now_micros: u64) -> Result<Vec<u8>, SealFault> {
        let mut sealed = Vec::new();
        decode_base64(text, &mut sealed).map_err(|_| SealFault::Forged)?;
        let (sent, body) = sealed.split_at_checked(MAC_BYTES).ok_or(SealFault::Forged)?;
        self.mac(body).verify_truncated_left(sent).map_err(|_| SealFault::Forged)?;
        let (made, content) = body.split_first_chunk().ok_or(SealFault::Forged)?;
        let made_micros = u64::from_be_bytes(*made);
        if now_micros > made_micros.saturating_add(self.life_micros) {
            return Err(SealFault::Expired { made_micros });
        }
        Ok(content.to_vec())
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).expect("a key of any length will do");
        mac.update(self.context.as_bytes());
        mac.update(&[0]);
        mac.update(body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal<'a>(secret: &'a [u8; 32], context: &'a str) -> Seal<'a> {
        Seal { secret, context, life_micros: 10 }
    }

    #[test]
    fn what_was_sealed_is_opened_for_a_while() {
        let text = seal(&[7; 32], "a").seal(1_000, b"content");
        assert_eq!(seal(&[7; 32], "a").open(&text, 1_010), Ok(b"content".to_vec()));
        assert_eq!(seal(&[7; 32], "a").open(&text, 1_011), Err(SealFault::Expired { made_micros: 1_000 }));
    }

    #[test]
    fn whatever_was_changed_is_refused() {
        let text = seal(&[7; 32], "a").seal(1_000, b"content");
        assert_eq!(seal(&[8; 32], "a").open(&text, 1_000), Err(SealFault::Forged));
        assert_eq!(seal(&[7; 32], "b").open(&text, 1_000), Err(SealFault::Forged));
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let texts = [text[..at].to_owned(), String::from_utf8(other).unwrap()];
            texts
                .iter()
                .for_each(|text| assert_eq!(seal(&[7; 32], "a").open(text, 1_000), Err(SealFault::Forged)));
        }
    }
}
