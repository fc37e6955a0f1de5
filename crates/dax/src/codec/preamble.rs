//! What a client sends first, once per connection: a magic text, an id of its session and its user agent. It is not
//! answered.

use super::reader::{Fault, Reader, major};
use super::scanner::Scanner;

const MAGIC: &str = "J7yne5G";
const VALUES: u64 = 5;
/// The layering of clients that want their answers in frames; others say 0.
const FRAMES: i64 = 1;
/// What can be in a preamble.
pub const PREAMBLE_BYTES_MAX: usize = 4096;

/// A preamble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preamble {
    /// The user agent, such as `DaxPythonClient-2.1.0`; empty if there is none.
    pub user_agent: String,
    /// Whether the client wants its answers in frames.
    pub wants_frames: bool,
}

impl Preamble {
    /// The preamble at the start of what a client has sent, and its length; `None` if it is not there as a whole.
    ///
    /// # Errors
    /// When it is none: what follows cannot be understood.
    pub fn read(bytes: &[u8]) -> Result<Option<(Preamble, usize)>, Fault> {
        let magic = bytes.get(1..).unwrap_or_default();
        let seen = magic.len().min(MAGIC.len());
        let begins_well = bytes.first().is_none_or(|first| *first == 0x67);
        if !begins_well || magic[..seen] != MAGIC.as_bytes()[..seen] {
            return Err(Fault::NotCbor);
        }
        let mut scanner = Scanner::of_values(VALUES);
        if !scanner.advance(bytes, |_| ())? {
            return if bytes.len() < PREAMBLE_BYTES_MAX { Ok(None) } else { Err(Fault::TooLarge) };
        }
        let len = scanner.at();
        Preamble::parse(&mut Reader::new(&bytes[..len])).map(|preamble| Some((preamble, len)))
    }

    fn parse(reader: &mut Reader<'_>) -> Result<Preamble, Fault> {
        reader.text()?;
        let layering = reader.int()?;
        reader.skip()?; // the session's id: bytes, a text or null
        let (mut left, mut user_agent) = (reader.map()?, String::new());
        while left.next(reader)? {
            match (reader.text()?, reader.peek()?.major) {
                ("UserAgent", major::TEXT) => user_agent = reader.text()?.to_owned(),
                _ => _ = reader.skip()?,
            }
        }
        reader.int()?; // the mode of the client
        Ok(Preamble { user_agent, wants_frames: layering == FRAMES })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_else_is_refused_at_its_first_byte() {
        for bytes in [&b"GET / HTTP/1.1"[..], &[0x16, 3, 1], b"gJ7yne6", &[0x67, b'X']] {
            assert_eq!(Preamble::read(bytes), Err(Fault::NotCbor), "{bytes:x?}");
        }
        assert_eq!(Preamble::read(b""), Ok(None));
        assert_eq!(Preamble::read(b"gJ7y"), Ok(None));
    }

    #[test]
    fn a_preamble_is_bounded() {
        let endless = [&b"gJ7yne5G\x00"[..], &[0x9f], &[0; PREAMBLE_BYTES_MAX]].concat();
        assert_eq!(Preamble::read(&endless), Err(Fault::TooLarge));
    }
}
