//! Strings with stars. A star stands for any characters, `\*` for itself.
//!
//! The parts between the stars are looked for one after another, each at its first place, which takes time in
//! proportion to the string whatever the pattern is.

use super::PatternError;
use memchr::memmem;

/// The parts between the stars; one part has no star beside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    pub(super) fn read(text: &str) -> Result<Wildcard, PatternError> {
        let refused = || PatternError::Wildcard(text.to_owned());
        let mut parts = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let part = parts.last_mut().expect("there is one from the beginning");
            match char {
                '*' if chars.peek() == Some(&'*') => return Err(refused()),
                '*' => parts.push(String::new()),
                '\\' => {
                    part.push(chars.next().filter(|next| ['*', '\\'].contains(next)).ok_or_else(refused)?)
                }
                char => part.push(char),
            }
        }
        Ok(Wildcard(parts))
    }

    pub(super) fn takes(&self, value: &str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else { return self.0 == [value] };
        let Some(rest) = value.as_bytes().strip_prefix(first.as_bytes()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_bytes()) else { return false };
        for part in middle {
            let Some(at) = memmem::find(rest, part.as_bytes()) else { return false };
            rest = &rest[at + part.len()..];
        }
        true
    }
}
