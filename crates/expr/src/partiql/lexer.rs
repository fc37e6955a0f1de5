//! Splits a statement into tokens; comments are passed over. A character that belongs to no token, and a quote that
//! does not end, become a token of their own, at which the parser reports the error.

use std::borrow::Cow;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A bare name, a keyword or the name of a function.
    Word(&'a str),
    /// `"name"`
    Name(Cow<'a, str>),
    /// `'text'`
    Text(Cow<'a, str>),
    /// A number without sign.
    Number(&'a str),
    /// `?`
    Parameter,
    /// An operator or a bracket.
    Symbol(&'a str),
    /// A character without meaning, or a quote without end.
    Unknown,
    /// The end of the text.
    End,
}

/// A token and where it is.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    /// Bytes before it.
    pub(super) start: usize,
    /// Bytes of it.
    pub(super) length: usize,
}

/// Longer ones first.
const SYMBOLS: [&str; 23] = [
    "<<", ">>", "<=", ">=", "<>", "!=", "||", "=", "<", ">", "(", ")", "[", "]", "{", "}", ",", ".", ":",
    ";", "*", "+", "-",
];

/// The tokens of a text; the last is [`Kind::End`].
pub(super) fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at = skip_blank(text, at);
        let rest = &text[at..];
        let (kind, length) = token(rest);
        let is_end = kind == Kind::End;
        tokens.push(Token { kind, start: at, length });
        if is_end {
            return tokens;
        }
        at += length;
    }
}

/// The first place from `at` on that is in no comment and no blank.
fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        let comment = match trimmed {
            line if line.starts_with("--") => line.find('\n').unwrap_or(line.len()),
            block if block.starts_with("/*") => match block.find("*/") {
                Some(end) => end + 2,
                None => 0,
            },
            _ => 0,
        };
        at += rest.len() - trimmed.len() + comment;
        if comment == 0 {
            return at;
        }
    }
}

fn token(rest: &str) -> (Kind<'_>, usize) {
    let Some(first) = rest.chars().next() else { return (Kind::End, 0) };
    match first {
        '\'' => quoted(rest, '\'').map_or((Kind::Unknown, 1), |(text, length)| (Kind::Text(text), length)),
        '"' => quoted(rest, '"').map_or((Kind::Unknown, 1), |(name, length)| (Kind::Name(name), length)),
        '?' => (Kind::Parameter, 1),
        '0'..='9' => {
            let length = number_length(rest.as_bytes());
            (Kind::Number(&rest[..length]), length)
        }
        letter if letter.is_alphabetic() || letter == '_' || letter == '$' => {
            let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
            let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            (Kind::Word(&rest[..length]), length)
        }
        other => match SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            Some(symbol) => (Kind::Symbol(symbol), symbol.len()),
            None => (Kind::Unknown, other.len_utf8()),
        },
    }
}

/// What is between two quotes, of which a doubled one means itself, and its length with them.
fn quoted(rest: &str, quote: char) -> Option<(Cow<'_, str>, usize)> {
    let mut end = 1;
    loop {
        end += rest[end..].find(quote)?;
        if !rest[end + 1..].starts_with(quote) {
            break;
        }
        end += 2;
    }
    let inner = &rest[1..end];
    let doubled = [quote, quote].iter().collect::<String>();
    let inner = match inner.contains(&doubled) {
        true => Cow::Owned(inner.replace(&doubled, quote.encode_utf8(&mut [0; 4]))),
        false => Cow::Borrowed(inner),
    };
    Some((inner, end + 1))
}

/// Digits, a fraction, an exponent.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}
