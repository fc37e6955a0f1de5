//! A position among the tokens of a statement, its parameters, and the parts that all clauses share: names and paths.

use super::StatementError;
use super::keywords::is_keyword;
use super::lexer::{Kind, Token, tokenize};
use crate::error::Fault;
use crate::path::{Element, PATH_ELEMENTS_MAX, Path};
use stdx::limits::EXPRESSION_OPERATORS_MAX;
use types::ValueBuf;

/// Levels of brackets and negations: recursion is bounded.
const LEVELS_MAX: usize = 50;

pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    parameters: &'a [ValueBuf],
    /// Question marks read so far.
    placeholders: usize,
    /// Brackets that are open.
    levels: usize,
    /// Operators of WHERE, or of all that is set.
    operators: usize,
    /// The first operand that an operator does not take: reported when the whole statement is read.
    pub(super) misfit: Option<Fault>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, parameters: &'a [ValueBuf]) -> Self {
        let tokens = tokenize(text);
        Cursor { text, tokens, at: 0, parameters, placeholders: 0, levels: 0, operators: 0, misfit: None }
    }

    /// The token to be read next.
    pub(super) fn peek(&self) -> &Kind<'a> {
        &self.tokens[self.at].kind
    }

    /// The one after it.
    pub(super) fn peek_second(&self) -> &Kind<'a> {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].kind
    }

    /// Reads a token.
    pub(super) fn next(&mut self) -> Kind<'a> {
        let kind = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    /// Reads this symbol, if it is next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Kind::Symbol(found) if *found == symbol);
        if found {
            self.next();
        }
        found
    }

    /// Whether this keyword is next.
    pub(super) fn is_at(&self, keyword: &str) -> bool {
        matches!(self.peek(), Kind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Reads this keyword, if it is next.
    pub(super) fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_at(keyword);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), StatementError> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn expect_keyword(&mut self, keyword: &str) -> Result<(), StatementError> {
        if self.take_keyword(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The error at the next token.
    pub(super) fn unexpected(&self) -> StatementError {
        StatementError::Syntax(match self.peek() {
            Kind::Word(word) if is_keyword(word) => "Unexpected keyword",
            Kind::Symbol("=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" | "||" | "+" | "-" | "*") => {
                "Unexpected operator"
            }
            _ => "Unexpected term",
        })
    }

    /// The error of a call of something that is no function here, at the token before the bracket.
    pub(super) fn unexpected_call(&self) -> StatementError {
        let Token { start, length, .. } = &self.tokens[self.at];
        let before = &self.text[..*start];
        let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
        StatementError::PathComponent {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            length: self.text[*start..*start + *length].chars().count(),
        }
    }

    /// The value of the question mark that was just read. One that has none is NULL until that is reported.
    pub(super) fn parameter(&mut self) -> ValueBuf {
        let value = self.parameters.get(self.placeholders).cloned();
        self.placeholders += 1;
        value.unwrap_or_else(|| ValueBuf::from(&types::Value::Null))
    }

    /// There is a parameter for each question mark; there may be more.
    pub(super) fn check_parameters(&self) -> Result<(), StatementError> {
        let missing = self.placeholders > self.parameters.len();
        if missing { Err(StatementError::ParameterCount) } else { Ok(()) }
    }

    /// Reads what is in brackets, a negation or a sign.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, StatementError>,
    ) -> Result<T, StatementError> {
        self.levels += 1;
        if self.levels > LEVELS_MAX {
            return Err(StatementError::Refused("The statement is nested too deeply"));
        }
        let inner = read(self)?;
        self.levels -= 1;
        Ok(inner)
    }

    /// Begins a clause.
    pub(super) fn restart_operators(&mut self) {
        self.operators = 0;
    }

    /// Counts an operator of the clause that is read.
    pub(super) fn count_operator(&mut self) -> Result<(), StatementError> {
        self.operators += 1;
        match self.operators {
            operators if operators > EXPRESSION_OPERATORS_MAX => {
                Err(Fault::TooManyOperators(operators).into())
            }
            _ => Ok(()),
        }
    }

    /// Reads a name, bare or quoted.
    pub(super) fn name(&mut self) -> Result<String, StatementError> {
        match self.peek().clone() {
            Kind::Name(name) if name.is_empty() => {
                Err(StatementError::Refused("Path component cannot be an empty string"))
            }
            Kind::Name(name) => {
                self.next();
                Ok(name.into_owned())
            }
            Kind::Word(word) if !is_keyword(word) => {
                self.next();
                Ok(word.to_owned())
            }
            Kind::Word(_) => Err(self.unexpected()),
            _ => Err(StatementError::Syntax("Expected identifier for simple path")),
        }
    }

    /// Reads a path of a document.
    pub(super) fn path(&mut self) -> Result<Path, StatementError> {
        let mut elements = vec![Element::Name(self.name()?)];
        loop {
            if self.take(".") {
                elements.push(Element::Name(self.name()?));
            } else if self.take("[") {
                elements.push(Element::Index(self.list_index()?));
                self.expect("]")?;
            } else {
                break;
            }
        }
        if elements.len() > PATH_ELEMENTS_MAX {
            return Err(Fault::PathTooDeep(elements.len()).into());
        }
        Ok(Path::new(elements))
    }

    fn list_index(&mut self) -> Result<u32, StatementError> {
        let Kind::Number(digits) = *self.peek() else { return Err(self.unexpected()) };
        self.next();
        let index = digits.parse().ok().filter(|index| *index < u32::MAX);
        index.ok_or_else(|| Fault::IndexRange(digits.to_owned()).into())
    }
}
