//! Patterns that the model states as regular expressions: compiled when first asked for, and kept. A text matches as a
//! whole, as in Java, whose syntax they are in.

use regex_lite::Regex;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// No text is looked at beyond this: the time a match takes grows with the text.
const TEXT_BYTES_MAX: usize = 64 * 1024;

static COMPILED: LazyLock<RwLock<HashMap<&'static str, Arc<Regex>>>> = LazyLock::new(RwLock::default);

/// Whether a text matches a pattern of the model.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    text.len() <= TEXT_BYTES_MAX && compiled(pattern).is_match(text)
}

fn compiled(pattern: &'static str) -> Arc<Regex> {
    let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(pattern).cloned();
    known.unwrap_or_else(|| {
        let regex = Regex::new(&format!("^(?:{pattern})$")).expect("the model's patterns are expressions");
        let mut all = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(pattern).or_insert_with(|| Arc::new(regex)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_matches_as_a_whole() {
        assert!(matches("[a-zA-Z0-9-_]+", "a-b_9") && !matches("[a-zA-Z0-9-_]+", "a b"));
        let role = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
        assert!(matches(role, "arn:aws:iam::123456789012:role/r") && !matches(role, "r1"));
        assert!(!matches("a|b", "ab") && !matches("a*", &"a".repeat(TEXT_BYTES_MAX + 1)));
    }
}
