//! A data key: AES-256-GCM-SIV.
//!
//! Each value has a nonce of 96 random bits. A busy table writes more values than random nonces of plain GCM allow for
//! one key (2^32, after which two equal ones are to be expected, and two equal ones give the key away). With the SIV
//! construction equal nonces tell no more than that two values are equal; that holds also where the state of the
//! generator came twice, as in two copies of a virtual machine.

use aes::Aes256Enc;
use aes_gcm_siv::aead::{AeadInOut, KeyInit};
use aes_gcm_siv::{AesGcmSiv, Nonce, Tag};
use std::fmt;
use zeroize::Zeroizing;

/// Length of data keys, in bytes.
pub const KEY_BYTES: usize = 32;
pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

/// AES-256-GCM-SIV, which decrypts by encrypting its counter: the schedule that AES decrypts with is never made.
type Cipher = AesGcmSiv<Aes256Enc>;

/// A key that seals values. Wiped when it is dropped.
pub struct DataKey(Box<Cipher>);

impl DataKey {
    /// Of these bytes.
    pub fn new(bytes: &[u8; KEY_BYTES]) -> DataKey {
        DataKey(Box::new(Cipher::new(bytes.into())))
    }

    /// Bytes that nobody knows.
    pub fn random_bytes() -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(stdx::Random::secret())
    }

    /// Encrypts in place. `aad` is authenticated with it.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], value: &mut [u8]) -> [u8; TAG_BYTES] {
        let sealed = self.0.encrypt_inout_detached(&Nonce::from(*nonce), aad, value.into());
        sealed.expect("a value is shorter than 64 GB").into()
    }

    /// Decrypts in place. False: key, nonce, `aad` or tag are not those it was sealed with, and the value is useless.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        value: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> bool {
        let (nonce, tag) = (Nonce::from(*nonce), Tag::from(*tag));
        self.0.decrypt_inout_detached(&nonce, aad, value.into(), &tag).is_ok()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}
