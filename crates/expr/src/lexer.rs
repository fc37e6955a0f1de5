//! Splits an expression into tokens. Never fails: a character that belongs to no token becomes one of its own,
//! at which the parser reports the error.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A bare name, a keyword or a function name. It begins with a letter.
    Word,
    /// `#name`
    Name,
    /// `:value`
    Value,
    /// Digits without a leading zero.
    Integer,
    /// An operator, a bracket, or a character without meaning.
    Symbol,
    /// The end of the text.
    End,
}

/// A token and where it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

impl Token<'_> {
    /// Where it ends.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this symbol.
    pub(crate) fn is(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// Whether it is this keyword, in any letter case.
    pub(crate) fn is_keyword(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// Whether the byte may occur in a name after its first character.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// All tokens of the text, the last of them the end.
pub(crate) fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(16);
    let mut at = skip_space(text, 0);
    while at < text.len() {
        let (kind, len) = scan(&text[at..]);
        tokens.push(Token { kind, text: &text[at..at + len], start: at });
        at = skip_space(text, at + len);
    }
    tokens.push(Token { kind: TokenKind::End, text: "", start: text.len() });
    tokens
}

fn skip_space(text: &str, from: usize) -> usize {
    from + run(&text[from..], |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

/// Kind and length of the token at the start of a text that is not empty.
fn scan(text: &str) -> (TokenKind, usize) {
    let first = text.as_bytes()[0];
    match first {
        b'a'..=b'z' | b'A'..=b'Z' => (TokenKind::Word, run(text, is_word_byte)),
        b'#' => alias(text, TokenKind::Name),
        b':' => alias(text, TokenKind::Value),
        b'0' => (TokenKind::Integer, 1),
        b'1'..=b'9' => (TokenKind::Integer, run(text, |byte| byte.is_ascii_digit())),
        _ => (TokenKind::Symbol, symbol_len(text)),
    }
}

fn alias(text: &str, kind: TokenKind) -> (TokenKind, usize) {
    match run(&text[1..], is_word_byte) {
        0 => (TokenKind::Symbol, 1),
        len => (kind, 1 + len),
    }
}

fn symbol_len(text: &str) -> usize {
    if ["<>", "<=", ">="].iter().any(|symbol| text.starts_with(symbol)) {
        return 2;
    }
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let texts: Vec<_> = tokenize(text).iter().map(|token| token.text).collect();
        assert_eq!(texts[..texts.len() - 1], *expect, "{text}");
    }

    #[test]
    fn texts_fall_into_tokens() {
        check("", &[]);
        check(" \t\r\n", &[]);
        check("a.b[10]=:v", &["a", ".", "b", "[", "10", "]", "=", ":v"]);
        check("#a<>:1 AND b<=c>=d", &["#a", "<>", ":1", "AND", "b", "<=", "c", ">=", "d"]);
        check("l[01]", &["l", "[", "0", "1", "]"]);
        check("# : a-b", &["#", ":", "a", "-", "b"]);
        check("a\u{a0}é", &["a", "\u{a0}", "é"]);
        check("1a", &["1", "a"]);
        check("_a #_a :_ a_", &["_", "a", "#_a", ":_", "a_"]);
    }
}
