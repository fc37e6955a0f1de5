//! Texts of a policy with wildcards and variables, compiled: `*` for any characters, `?` for one, `${key}` and
//! `${key, 'default'}` for values of the request, `${*}`, `${?}`, `${$}` for the characters themselves.
//!
//! Matching needs no recursion and at most (length of pattern × length of text) steps.

use crate::request::Context;
use std::borrow::Cow;

/// What is special in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable: from version 2012-10-17 of the language on.
    pub(crate) variables: bool,
}

/// Whether letters of both cases are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Ignored,
}

/// A compiled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Glob(Box<[Token]>),
    Template(Box<[Piece]>),
}

/// A part of a pattern whose variables are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Char(char),
    One,
    Run,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Token(Token),
    Variable(Variable),
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// In lower case.
    pub(crate) key: Box<str>,
    pub(crate) default: Option<Box<str>>,
}

impl Variable {
    fn parse(inside: &str) -> Variable {
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, unquoted(default.trim())),
            None => (inside, None),
        };
        Variable { key: key.trim().to_ascii_lowercase().into(), default: default.map(Into::into) }
    }

    /// Its value in a request.
    pub(crate) fn value<'a>(&'a self, context: &'a dyn Context) -> Option<Cow<'a, str>> {
        context.value(&self.key).or_else(|| self.default.as_deref().map(Cow::Borrowed))
    }
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

impl Pattern {
    pub(crate) fn compile(text: &str, dialect: Dialect) -> Pattern {
        Pattern::of(pieces(text, dialect))
    }

    fn of(pieces: Vec<Piece>) -> Pattern {
        let token = |piece: &Piece| match piece {
            Piece::Token(token) => Some(*token),
            Piece::Variable(_) => None,
        };
        match pieces.iter().map(token).collect::<Option<Vec<Token>>>() {
            Some(tokens) => Pattern::of_tokens(tokens),
            None => Pattern::Template(pieces.into()),
        }
    }

    fn of_tokens(tokens: Vec<Token>) -> Pattern {
        if let Some(text) = literal(&tokens) {
            return Pattern::Exact(text);
        }
        match tokens.split_last() {
            Some((Token::Run, [])) => Pattern::Any,
            Some((Token::Run, start)) => literal(start).map_or_else(|| glob_of(&tokens), Pattern::Prefix),
            _ => glob_of(&tokens),
        }
    }

    /// Whether a text matches. A variable without a value matches nothing.
    #[inline]
    pub(crate) fn matches(&self, text: &str, case: Case, context: &dyn Context) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Exact(exact) => same_text(exact, text, case),
            Pattern::Prefix(prefix) => {
                text.get(..prefix.len()).is_some_and(|start| same_text(prefix, start, case))
            }
            Pattern::Glob(tokens) => glob(tokens, text, case),
            Pattern::Template(pieces) => template(pieces, text, case, context),
        }
    }

    /// Its variables that have no default.
    pub(crate) fn required(&self) -> impl Iterator<Item = &Variable> {
        let pieces: &[Piece] = match self {
            Pattern::Template(pieces) => pieces,
            _ => &[],
        };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) if variable.default.is_none() => Some(variable),
            _ => None,
        })
    }
}

fn glob_of(tokens: &[Token]) -> Pattern {
    Pattern::Glob(tokens.into())
}

fn literal(tokens: &[Token]) -> Option<Box<str>> {
    let char = |token: &Token| match token {
        Token::Char(char) => Some(*char),
        _ => None,
    };
    tokens.iter().map(char).collect::<Option<String>>().map(Into::into)
}

fn pieces(mut text: &str, dialect: Dialect) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some(char) = text.chars().next() {
        if dialect.variables
            && let Some((inside, rest)) = text.strip_prefix("${").and_then(|text| text.split_once('}'))
        {
            pieces.push(match inside {
                "*" => Piece::Token(Token::Char('*')),
                "?" => Piece::Token(Token::Char('?')),
                "$" => Piece::Token(Token::Char('$')),
                _ => Piece::Variable(Variable::parse(inside)),
            });
            text = rest;
            continue;
        }
        pieces.push(Piece::Token(match char {
            '*' if dialect.wildcards => Token::Run,
            '?' if dialect.wildcards => Token::One,
            _ => Token::Char(char),
        }));
        text = &text[char.len_utf8()..];
    }
    pieces
}

/// One piece after the other up to the first wildcard, from there on as a glob.
fn template(pieces: &[Piece], text: &str, case: Case, context: &dyn Context) -> bool {
    let mut rest = text;
    for (place, piece) in pieces.iter().enumerate() {
        let behind = match piece {
            Piece::Token(Token::Char(char)) => behind_char(*char, rest, case),
            Piece::Variable(variable) => {
                variable.value(context).and_then(|value| behind_text(&value, rest, case))
            }
            Piece::Token(Token::Run) if place + 1 == pieces.len() => return true,
            Piece::Token(_) => {
                let tokens = resolved(&pieces[place..], context);
                return tokens.is_some_and(|tokens| glob(&tokens, rest, case));
            }
        };
        match behind {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.is_empty()
}

/// What is left of a text that begins so.
fn behind_text<'t>(start: &str, text: &'t str, case: Case) -> Option<&'t str> {
    match case {
        Case::Sensitive => text.strip_prefix(start),
        Case::Ignored => start.chars().try_fold(text, |rest, char| behind_char(char, rest, case)),
    }
}

fn behind_char(char: char, text: &str, case: Case) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().filter(|first| same(char, *first, case)).map(|_| chars.as_str())
}

/// Values stand for themselves: a wildcard in them is none.
fn resolved(pieces: &[Piece], context: &dyn Context) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Token(token) => tokens.push(*token),
            Piece::Variable(variable) => tokens.extend(variable.value(context)?.chars().map(Token::Char)),
        }
    }
    Some(tokens)
}

#[inline]
fn same_text(a: &str, b: &str, case: Case) -> bool {
    match case {
        Case::Sensitive => a == b,
        // Names of actions are ASCII, and most of those that a statement lists are not the one asked for.
        Case::Ignored => {
            let is_ascii = || a.is_ascii() && b.is_ascii();
            a == b || a.eq_ignore_ascii_case(b) || (!is_ascii() && folded(a).eq(folded(b)))
        }
    }
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn same(a: char, b: char, case: Case) -> bool {
    match case {
        Case::Sensitive => a == b,
        Case::Ignored if a.is_ascii() && b.is_ascii() => a.eq_ignore_ascii_case(&b),
        Case::Ignored => a == b || a.to_lowercase().eq(b.to_lowercase()),
    }
}

/// Goes back to the last `*` only: what an earlier one took stays as short as it can be.
fn glob(tokens: &[Token], text: &str, case: Case) -> bool {
    let (mut token, mut rest) = (0, text);
    let mut last_run: Option<(usize, &str)> = None;
    loop {
        let next = rest.chars().next();
        match (tokens.get(token), next) {
            (Some(Token::Run), _) => {
                last_run = Some((token + 1, rest));
                token += 1;
            }
            (Some(Token::One), Some(char)) => {
                (token, rest) = (token + 1, &rest[char.len_utf8()..]);
            }
            (Some(Token::Char(wanted)), Some(char)) if same(*wanted, char, case) => {
                (token, rest) = (token + 1, &rest[char.len_utf8()..]);
            }
            (None, None) => return true,
            _ => {
                let Some((behind, from)) = last_run else { return false };
                let Some(skipped) = from.chars().next() else { return false };
                let from = &from[skipped.len_utf8()..];
                (token, rest, last_run) = (behind, from, Some((behind, from)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Values, one, several};

    const ALL: Dialect = Dialect { wildcards: true, variables: true };

    struct Keys;

    impl Context for Keys {
        fn values(&self, key: &str) -> Option<Values<'_>> {
            match key {
                "aws:username" => Some(one("a*b")),
                "aws:principaltag/trick" => Some(one("${aws:username}")),
                "many" => Some(several(["a", "b"])),
                _ => None,
            }
        }
    }

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern, ALL).matches(text, Case::Sensitive, &Keys)
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("*", ""),
            ("a*", "a"),
            ("*a*b", "xxaxbab"),
            ("a?c", "aéc"),
            ("a**b", "ab"),
            ("${*}${?}${$}", "*?$"),
            ("${aws:UserName}x", "a*bx"),
            ("${none, 'd*'}", "d*"),
            ("${", "${"),
            ("${aws:PrincipalTag/trick}", "${aws:username}"), // a value is no pattern
            ("${aws:username}/*", "a*b/c"),
            ("é${aws:username}?${aws:username}", "éa*bxa*b"),
            ("x*${aws:username}", "xya*b"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a?c", "ac"),
            ("a", "A"),
            ("", "a"),
            ("*a*b", "ba"),
            ("${aws:username}", "axb"),
            ("${none}", ""),
            ("${many}", "a"),
            ("${aws:PrincipalTag/trick}", "a*b"),
            ("${${aws:username}}", "a*b"),
            ("${none, 'd*'}", "dx"),
            ("${aws:username}/*", "a*b"),
            ("${aws:username}", "a*bc"),
            ("x${none}", "x"),
            ("*${none}", ""),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = format!("{}b", "a*".repeat(2_000));
        assert!(!matches(&pattern, &"a".repeat(5_000)));
    }

    #[test]
    fn case_is_ignored_on_demand() {
        let pattern = Pattern::compile("dynamodb:Get*", ALL);
        assert!(pattern.matches("DynamoDB:getItem", Case::Ignored, &()));
        assert!(!pattern.matches("DynamoDB:getItem", Case::Sensitive, &()));
        let template = Pattern::compile("${aws:username}É*", ALL);
        assert!(template.matches("A*Béx", Case::Ignored, &Keys));
        assert!(!template.matches("A*Béx", Case::Sensitive, &Keys));
        for (pattern, text) in [("É", "é"), ("K", "\u{212a}"), ("*k", "\u{212a}")] {
            assert!(Pattern::compile(pattern, ALL).matches(text, Case::Ignored, &()), "{pattern} {text}");
        }
    }
}
