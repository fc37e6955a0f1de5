//! Identifiers that IAM draws.

use stdx::Random;

const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Characters of an access key id behind its prefix.
const KEY_CHARACTERS: usize = 16;
/// Where the account's number stands in the first six bytes of an access key id.
const ACCOUNT_SHIFT: u32 = 7;
const ACCOUNT_BITS: u64 = (1 << 40) - 1;

/// A unique id, such as `AIDA…` of a user.
pub(crate) fn draw_unique_id(prefix: &str, random: &Random) -> String {
    let letters = (0..17).map(|_| char::from(LETTERS[(random.next_u64() % 36) as usize]));
    prefix.chars().chain(letters).collect()
}

/// An access key id, `AKIA…` of a user or `ASIA…` of a session. The number of the account is in it, as in AWS's own.
pub fn draw_key_id(prefix: &str, account: &str, random: &Random) -> String {
    let number: u64 = account.parse().unwrap_or(0) & ACCOUNT_BITS;
    let first = (1 << 47) | (number << ACCOUNT_SHIFT) | (random.next_u64() & 0x7f);
    let bytes = (u128::from(first) << 32) | u128::from(random.next_u64() as u32);
    let letter = |place: usize| char::from(BASE32[(bytes >> (75 - 5 * place)) as usize & 31]);
    prefix.chars().chain((0..KEY_CHARACTERS).map(letter)).collect()
}

/// The account whose number is in an access key id; `None` for a text of another form.
pub fn account_of_key(key_id: &str) -> Option<String> {
    let letters = key_id.strip_prefix("AKIA").or_else(|| key_id.strip_prefix("ASIA"))?;
    if letters.len() != KEY_CHARACTERS {
        return None;
    }
    let mut bytes: u128 = 0;
    for letter in letters.bytes() {
        let value = BASE32.iter().position(|own| *own == letter)?;
        bytes = (bytes << 5) | value as u128;
    }
    let number = ((bytes >> 32) as u64 >> ACCOUNT_SHIFT) & ACCOUNT_BITS;
    Some(format!("{number:012}")).filter(|account| account.len() == 12)
}

/// A secret access key: 240 bits from the operating system.
pub fn draw_secret() -> String {
    let bytes = [Random::secret(), Random::secret()].concat();
    bytes[..40].iter().map(|byte| char::from(BASE64[usize::from(*byte & 63)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_account() {
        let random = Random::from_seed(1);
        for account in ["000000000000", "123456789012", "999999999999"] {
            let id = draw_key_id("ASIA", account, &random);
            assert_eq!(id.len(), 20, "{id}");
            assert_eq!(account_of_key(&id).as_deref(), Some(account), "{id}");
        }
        assert_eq!(account_of_key("AKIA"), None);
        assert_eq!(account_of_key("AKIA0000000000000000"), None);
    }

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, other) = (draw_secret(), draw_secret());
        assert_eq!(one.len(), 40);
        assert_ne!(one, other);
    }
}
