//! What binds a password's proof to the server that TLS was spoken with: the hash of its certificate, by the hash
//! function that its signature uses (`tls-server-end-point` of RFC 5929).
//!
//! A certificate whose signature names another one, or none, binds nothing: the proof goes without it then.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash function.
type Hash = fn(&[u8]) -> Vec<u8>;

const SHA256: Hash = |bytes| Sha256::digest(bytes).to_vec();
const SHA384: Hash = |bytes| Sha384::digest(bytes).to_vec();
const SHA512: Hash = |bytes| Sha512::digest(bytes).to_vec();

/// Algorithms of signatures, as their identifiers are encoded. MD5 and SHA-1 are replaced by SHA-256.
const SIGNATURES: [(&[u8], Hash); 11] = [
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], SHA256), // md5WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], SHA256), // sha1WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], SHA256), // sha256WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c], SHA384), // sha384WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d], SHA512), // sha512WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], SHA256),             // ecdsa-with-SHA1
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], SHA256),       // ecdsa-with-SHA256
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03], SHA384),       // ecdsa-with-SHA384
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04], SHA512),       // ecdsa-with-SHA512
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02], SHA256), // dsa-with-sha256
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03], SHA256),             // dsa-with-sha1
];

const SEQUENCE: u8 = 0x30;
const IDENTIFIER: u8 = 0x06;

/// What a certificate binds a proof with, if it can.
pub(crate) fn of_certificate(certificate: &[u8]) -> Option<Vec<u8>> {
    let (whole, _) = element(certificate, SEQUENCE)?;
    let (_, behind_what_is_signed) = element(whole, SEQUENCE)?;
    let (algorithm, _) = element(behind_what_is_signed, SEQUENCE)?;
    let (identifier, _) = element(algorithm, IDENTIFIER)?;
    let (_, hash) = SIGNATURES.iter().find(|(known, _)| *known == identifier)?;
    Some(hash(certificate))
}

/// The contents of the element of DER that these bytes begin with, if it is of this kind, and what is behind it.
fn element(bytes: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    (found == kind).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    fn certificate(algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let params = CertificateParams::new(vec!["db.test".to_owned()]).expect("a name");
        params.self_signed(&key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn a_certificate_is_hashed_as_it_was_signed() {
        let short = certificate(&PKCS_ECDSA_P256_SHA256);
        assert_eq!(of_certificate(&short), Some(Sha256::digest(&short).to_vec()));
        let long = certificate(&PKCS_ECDSA_P384_SHA384);
        assert_eq!(of_certificate(&long), Some(Sha384::digest(&long).to_vec()));
        assert_eq!(of_certificate(&certificate(&PKCS_ED25519)), None, "it hashes nothing");
    }

    #[test]
    fn what_is_no_certificate_binds_nothing() {
        let whole = certificate(&PKCS_ECDSA_P256_SHA256);
        for end in 0..whole.len() {
            assert_eq!(of_certificate(&whole[..end]), None);
        }
        assert_eq!(of_certificate(&[SEQUENCE, 0x88, 0xff, 0xff, 0xff]), None);
        assert_eq!(of_certificate(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
