//! Patterns that the model states as regular expressions: compiled at their first use, and kept. A text matches as a
//! whole, as in Java, whose syntax they are in.

use regex_lite::Regex;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Texts are matched up to this length: the time a match takes grows with the text.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// `None` for an expression that this engine has no way to do, such as one that looks ahead: what it is about is judged
/// by the operation.
type Compiled = Option<Arc<Regex>>;

static COMPILED: LazyLock<RwLock<HashMap<&'static str, Compiled>>> = LazyLock::new(RwLock::default);

/// Whether a text matches a pattern of the model.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    text.len() <= TEXT_BYTES_MAX && compiled(pattern).is_none_or(|regex| regex.is_match(text))
}

fn compiled(pattern: &'static str) -> Compiled {
    let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(pattern).cloned();
    known.unwrap_or_else(|| {
        let regex = Regex::new(&format!("^(?:{})$", without_categories(pattern))).ok().map(Arc::new);
        let mut all = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(pattern).or_insert(regex).clone()
    })
}

/// Categories of Unicode as ranges: exact for ASCII; whatever lies beyond counts as a letter. Halves of characters, in
/// which Java counts, as the characters.
fn without_categories(pattern: &str) -> String {
    const CATEGORIES: [(&str, &str); 9] = [
        (r"\p{Print}", r"[\x20-\x7E]"),
        (r"\p{Zs}", " "),
        (r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}"),
        (r"\p{L}", r"a-zA-Z\x{80}-\x{10FFFF}"),
        (r"\p{M}", ""),
        (r"\p{N}", "0-9"),
        (r"\p{Z}", " "),
        (r"\p{S}", r"$+<=>^`|~"),
        (r"\p{P}", r##"!"#%&'()*,\-./:;?@\[\\\]_{}"##),
    ];
    CATEGORIES.iter().fold(pattern.to_owned(), |text, (category, range)| text.replace(category, range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_of_characters() {
        let tag = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+";
        assert!(matches(tag, "a-b c:9/é") && !matches(tag, "a;b") && !matches(tag, ""));
        let claim = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+";
        assert!(matches(claim, r"a[1]\{~}-") && !matches(claim, "a b"));
        assert!(matches(r"\p{Print}+", "a ~") && !matches(r"\p{Print}+", "a\n"));
    }

    #[test]
    fn characters_that_java_counts_as_two() {
        let text = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*";
        assert!(matches(text, "a é \u{1F600}\n") && !matches(text, "\0") && !matches(text, "\u{FFFF}"));
    }

    #[test]
    fn a_text_matches_as_a_whole() {
        assert!(matches("[a-zA-Z0-9-_]+", "a-b_9") && !matches("[a-zA-Z0-9-_]+", "a b"));
        let role = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
        assert!(matches(role, "arn:aws:iam::123456789012:role/r") && !matches(role, "r1"));
        assert!(!matches("a|b", "ab") && !matches("a*", &"a".repeat(TEXT_BYTES_MAX + 1)));
    }
}
