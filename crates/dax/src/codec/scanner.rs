//! Finds where CBOR values end without reading them, and goes on where it stopped when more bytes have come: a byte of
//! a frame is looked at once, however many pieces the frame arrives in.

use super::reader::{BREAK, Fault, Head, major};
use smallvec::SmallVec;

/// Arrays, maps and tags around a value.
const DEPTH_MAX: usize = 64;

/// What has been opened and not closed.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// So many values follow.
    Values(u64),
    /// A break ends it.
    UntilBreak,
}

/// The place up to which values have been seen.
#[derive(Debug, Clone)]
pub(crate) struct Scanner {
    at: usize,
    /// The innermost that is open.
    open: Open,
    /// Those around it.
    around: SmallVec<[Open; 4]>,
}

impl Scanner {
    /// Looks for the end of so many values.
    pub(crate) fn of_values(count: u64) -> Self {
        Scanner { at: 0, open: Open::Values(count), around: SmallVec::new() }
    }

    /// How far it has come.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Goes on; true once all values have been seen. `begin` is told where each outermost one begins.
    pub(crate) fn advance(&mut self, bytes: &[u8], mut begin: impl FnMut(usize)) -> Result<bool, Fault> {
        loop {
            let is_at_end = match self.open {
                Open::Values(left) => left == 0,
                Open::UntilBreak => bytes.get(self.at) == Some(&BREAK),
            };
            if is_at_end {
                self.at += usize::from(matches!(self.open, Open::UntilBreak));
                let Some(around) = self.around.pop() else { return Ok(true) };
                self.open = around;
                continue;
            }
            let is_outermost = self.around.is_empty();
            let start = self.at;
            if !self.step(bytes)? {
                return Ok(false);
            }
            if is_outermost {
                begin(start);
            }
        }
    }

    /// Takes one head, and the string behind it; false if they are not there as a whole.
    fn step(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        let head = match Head::read(bytes.get(self.at..).unwrap_or_default()) {
            Ok(head) => head,
            Err(Fault::CutOff) => return Ok(false),
            Err(fault) => return Err(fault),
        };
        let mut end = self.at + head.len;
        let opened = match (head.major, head.argument) {
            (major::BYTES | major::TEXT, Some(len)) => {
                end =
                    usize::try_from(len).ok().and_then(|len| end.checked_add(len)).ok_or(Fault::TooLarge)?;
                if end > bytes.len() {
                    return Ok(false);
                }
                None
            }
            (major::ARRAY, Some(count)) => Some(Open::Values(count)),
            (major::MAP, Some(count)) => Some(Open::Values(count.checked_mul(2).ok_or(Fault::TooLarge)?)),
            (major::TAG, _) => Some(Open::Values(1)),
            (major::SIMPLE, None) => return Err(Fault::NotCbor),
            (_, None) => Some(Open::UntilBreak),
            _ => None,
        };
        self.at = end;
        if let Open::Values(left) = &mut self.open {
            *left -= 1;
        }
        if let Some(opened) = opened {
            if self.around.len() >= DEPTH_MAX {
                return Err(Fault::TooDeep);
            }
            self.around.push(std::mem::replace(&mut self.open, opened));
        }
        Ok(true)
    }

    /// How many bytes are known to be needed, as far as the head at the place it stopped tells.
    pub(crate) fn wants(&self, bytes: &[u8]) -> u64 {
        let head = Head::read(bytes.get(self.at..).unwrap_or_default());
        match head {
            Ok(Head { major: major::BYTES | major::TEXT, argument: Some(len), len: head_len, .. }) => {
                ((self.at + head_len) as u64).saturating_add(len)
            }
            _ => self.at as u64 + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end_in_any_pieces() {
        // {1: [2, "a"]}, indefinite [h'00', tag 4 [1, 2]], 7
        let bytes = [0xa1, 1, 0x82, 2, 0x61, b'a', 0x9f, 0x41, 0, 0xc4, 0x82, 1, 2, 0xff, 7, 0xde, 0xad];
        for cut in 0..15 {
            let mut starts = Vec::new();
            let mut scanner = Scanner::of_values(3);
            assert_eq!(scanner.advance(&bytes[..cut], |at| starts.push(at)), Ok(false), "{cut}");
            assert_eq!(scanner.advance(&bytes, |at| starts.push(at)), Ok(true), "{cut}");
            assert_eq!((scanner.at(), starts), (15, vec![0, 6, 14]));
        }
    }

    #[test]
    fn what_is_wanted_is_known_from_the_length() {
        let scanner = Scanner::of_values(1);
        assert_eq!(scanner.wants(&[0x5a, 0, 1, 0, 0]), 5 + 65_536);
        assert_eq!(scanner.wants(&[]), 1);
    }
}
