//! The language of `FilterCriteria`: a JSON object that mirrors a record. Every field that is named must match, an
//! array lists alternatives.
//!
//! A pattern is read once and matched many times. Reading it bounds what matching may cost: the text, its depth, the
//! combinations of its `$or`. Whatever is wrong with a pattern, Lambda only says that its definition is invalid; the
//! reasons are those of the rule engine that it shares with EventBridge.

mod address_range;
mod error;
mod matching;
mod number_range;
mod read;
mod rule;
mod rule_reader;
mod wildcard;

#[cfg(test)]
mod tests;

pub use error::PatternError;
use serde_json::Value;

/// Characters of a pattern.
pub const PATTERN_CHARS_MAX: usize = 4_096;

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Node);

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// An object: every field matches, and one of the alternatives, where there are any.
    Fields { all: Vec<(String, Node)>, one_of: Vec<Node> },
    /// A value that one of the rules takes.
    Rules(Vec<rule::Rule>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text is no pattern.
    pub fn read(text: &str) -> Result<Pattern, PatternError> {
        read::pattern(text).map(Pattern)
    }

    /// Whether a record is what the pattern wants.
    pub fn matches(&self, record: &Value) -> bool {
        self.0.matches(Some(record))
    }
}
