//! A position among the tokens of an expression, the parts all grammars share (paths), and the syntax error at
//! a position.

use crate::error::Fault;
use crate::lexer::{self, Token, TokenKind};
use crate::syntax::{RawElement, RawPath};
use stdx::limits::EXPRESSION_BYTES_MAX;

/// Largest list index that can be written.
const INDEX_MAX: u32 = u32::MAX - 1;

pub(crate) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    /// Words that are no names in this grammar.
    keywords: &'static [&'static str],
}

impl<'a> Cursor<'a> {
    /// Begins an expression that is neither empty nor too long.
    pub(crate) fn new(text: &'a str, keywords: &'static [&'static str]) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.len() > EXPRESSION_BYTES_MAX {
            return Err(Fault::TooLong { bytes: text.len(), shown: false });
        }
        Ok(Cursor { text, tokens: lexer::tokenize(text), at: 0, keywords })
    }

    /// The token to be read next.
    pub(crate) fn peek(&self) -> Token<'a> {
        self.tokens[self.at]
    }

    fn peek_second(&self) -> Token<'a> {
        self.tokens[(self.at + 1).min(self.tokens.len() - 1)]
    }

    /// Reads a token.
    pub(crate) fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// Reads this symbol, if it is next.
    pub(crate) fn take(&mut self, symbol: &str) -> bool {
        let found = self.peek().is(symbol);
        if found {
            self.next();
        }
        found
    }

    /// Reads this keyword, if it is next.
    pub(crate) fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_keyword(keyword);
        if found {
            self.next();
        }
        found
    }

    /// Reads this symbol or fails.
    pub(crate) fn expect(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.take(symbol) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Whether all tokens are read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    /// The syntax error at the next token.
    pub(crate) fn syntax_error(&self) -> Fault {
        let token = self.peek();
        let before = self.at.checked_sub(1).map(|at| self.tokens[at]);
        if token.kind == TokenKind::End {
            let near = before.map_or(self.text, |before| before.text);
            return Fault::Syntax { token: "<EOF>".to_owned(), near: near.to_owned() };
        }
        let start = before.map_or(token.start, |before| before.start);
        let after = self.peek_second();
        let end = if after.kind == TokenKind::End { token.end() } else { after.end() };
        Fault::Syntax { token: token.text.to_owned(), near: self.text[start..end].to_owned() }
    }

    /// Reads the name and the opening parenthesis of a call, if that is what comes next.
    pub(crate) fn take_call(&mut self) -> Option<&'a str> {
        if !self.is_name() || self.peek().kind != TokenKind::Word || !self.peek_second().is("(") {
            return None;
        }
        let name = self.next().text;
        self.next();
        Some(name)
    }

    fn is_name(&self) -> bool {
        let token = self.peek();
        match token.kind {
            TokenKind::Name => true,
            TokenKind::Word => !self.keywords.iter().any(|keyword| token.is_keyword(keyword)),
            _ => false,
        }
    }

    /// Reads `name ('.' name | '[' index ']')*`.
    pub(crate) fn path(&mut self) -> Result<RawPath<'a>, Fault> {
        let mut path = RawPath(vec![self.name()?]);
        self.path_continues(&mut path)?;
        Ok(path)
    }

    /// Reads `('.' name | '[' index ']')*` behind a path; whether there was any.
    pub(crate) fn path_continues(&mut self, path: &mut RawPath<'a>) -> Result<bool, Fault> {
        let before = path.0.len();
        loop {
            if self.take(".") {
                path.0.push(self.name()?);
            } else if self.take("[") {
                path.0.push(self.index()?);
                self.expect("]")?;
            } else {
                return Ok(path.0.len() > before);
            }
        }
    }

    fn name(&mut self) -> Result<RawElement<'a>, Fault> {
        if !self.is_name() {
            return Err(self.syntax_error());
        }
        let token = self.next();
        Ok(if token.kind == TokenKind::Name {
            RawElement::Alias(token.text)
        } else {
            RawElement::Name(token.text)
        })
    }

    fn index(&mut self) -> Result<RawElement<'a>, Fault> {
        if self.peek().kind != TokenKind::Integer {
            return Err(self.syntax_error());
        }
        let text = self.next().text;
        match text.parse() {
            Ok(index) if index <= INDEX_MAX => Ok(RawElement::Index(index)),
            _ => Err(Fault::IndexRange(text.to_owned())),
        }
    }
}
