//! Randomness as a value. One generator a server, seeded once from the operating system (or by a test), so
//! that nothing on the request path makes a system call for an id.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// From one state of the counter to the next.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A fast generator for ids and hash keys (SplitMix64 over an atomic counter: shared freely, never locked).
/// Not for secrets, since each draw follows from the one before: those come from [`Random::secret`].
#[derive(Debug, Clone)]
pub struct Random(Arc<AtomicU64>);

impl Random {
    /// Seeded from the operating system.
    pub fn from_os() -> Self {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).expect("the operating system hands out randomness");
        Self::from_seed(u64::from_le_bytes(seed))
    }

    /// The same sequence for the same seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// How long a secret is.
    pub const SECRET_BYTES: usize = 32;

    /// Unpredictable bytes from the operating system: for keys of signatures and tokens.
    pub fn secret() -> [u8; Self::SECRET_BYTES] {
        let mut secret = [0; Self::SECRET_BYTES];
        getrandom::fill(&mut secret).expect("the operating system hands out randomness");
        secret
    }

    /// The next 64 random bits.
    pub fn next_u64(&self) -> u64 {
        let [bits] = self.draw();
        bits
    }

    /// The next draws of 64 random bits, for one touch of the counter that all threads share.
    pub fn draw<const N: usize>(&self) -> [u64; N] {
        let mut state = self.0.fetch_add(STEP.wrapping_mul(N as u64), Ordering::Relaxed);
        let mut draws = [0; N];
        for draw in &mut draws {
            state = state.wrapping_add(STEP);
            *draw = mixed(state);
        }
        draws
    }

    /// Sixteen random bytes, such as the hash key of a table.
    pub fn bytes16(&self) -> [u8; 16] {
        let mut out = [0; 16];
        out[..8].copy_from_slice(&self.next_u64().to_le_bytes());
        out[8..].copy_from_slice(&self.next_u64().to_le_bytes());
        out
    }

    /// A random (version 4) UUID in its usual lower-case form.
    pub fn uuid(&self) -> String {
        let mut b = self.bytes16();
        b[6] = b[6] & 0x0f | 0x40;
        b[8] = b[8] & 0x3f | 0x80;
        let hex = crate::hex::encode(&b);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

fn mixed(state: u64) -> u64 {
    let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
