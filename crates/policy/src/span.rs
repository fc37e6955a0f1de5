//! Where the statements of a document stand in its text, as the simulation of policies shows them.

use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A place in a text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// From the `{` of a statement to behind its `}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// The span of each statement, in order; empty for a text that is no policy.
pub fn statement_spans(text: &str) -> Vec<Span> {
    let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    let Some(statement) = members.get("Statement") else { return Vec::new() };
    let statements: Vec<&RawValue> = match statement.get().starts_with('[') {
        true => serde_json::from_str(statement.get()).unwrap_or_default(),
        false => vec![statement],
    };
    statements.into_iter().map(|statement| span(text, statement.get())).collect()
}

/// `part` is a slice of `text`.
fn span(text: &str, part: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    Span { start: position(text, start), end: position(text, start + part.len()) }
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { line: line as u32, column: column as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stand_where_they_stand() {
        let text = "{\"Version\":\"2012-10-17\",\n \"Statement\":[{\"a\":1},\n{}]}";
        let at = |line, column| Position { line, column };
        let first = Span { start: at(2, 15), end: at(2, 22) };
        assert_eq!(statement_spans(text), [first, Span { start: at(3, 1), end: at(3, 3) }]);
        assert_eq!(statement_spans("{\"Statement\":{}}")[0].start, at(1, 14));
        assert!(statement_spans("nothing").is_empty());
    }
}
