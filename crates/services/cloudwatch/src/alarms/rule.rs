//! The rule of a composite alarm: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA("c"))`.

use super::alarm::StateValue;
use std::collections::BTreeMap;

/// How deeply a rule may be nested.
const DEPTH_MAX: usize = 32;

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    Constant(bool),
    /// An alarm, by its name, is in a state.
    Is(StateValue, String),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Name(String),
}

/// Reads a rule; `None` if the text is none.
pub(crate) fn parse(text: &str) -> Option<Expression> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.either()?;
    (parser.at == parser.tokens.len()).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' => {
                let length = rest[1..].find('"')?;
                (Token::Name(rest[1..=length].to_owned()), length + 2)
            }
            _ => {
                let length =
                    rest.find(|c: char| c == '(' || c == ')' || c.is_whitespace()).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_there =
            matches!(self.tokens.get(self.at), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(is_there);
        is_there
    }

    fn either(&mut self) -> Option<Expression> {
        let mut left = self.both()?;
        while self.takes("OR") {
            left = Expression::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Expression> {
        let mut left = self.one()?;
        while self.takes("AND") {
            left = Expression::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let read = self.operand();
        self.depth -= 1;
        read
    }

    fn operand(&mut self) -> Option<Expression> {
        if self.takes("NOT") {
            return Some(Expression::Not(Box::new(self.one()?)));
        }
        match self.next()? {
            Token::Open => {
                let inner = self.either()?;
                (self.next()? == Token::Close).then_some(inner)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("TRUE") => Some(Expression::Constant(true)),
            Token::Word(word) if word.eq_ignore_ascii_case("FALSE") => Some(Expression::Constant(false)),
            Token::Word(word) => {
                let state = StateValue::named(&word.to_ascii_uppercase())?;
                let (Token::Open, Token::Name(name) | Token::Word(name)) = (self.next()?, self.next()?)
                else {
                    return None;
                };
                (self.next()? == Token::Close).then(|| Expression::Is(state, bare_name(&name)))
            }
            Token::Close | Token::Name(_) => None,
        }
    }
}

/// Alarms are named, or given by their ARN.
pub(crate) fn bare_name(name: &str) -> String {
    match name.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":alarm:").map_or_else(|| name.to_owned(), |(_, name)| name.to_owned()),
        None => name.to_owned(),
    }
}

impl Expression {
    /// Whether it holds, by the states of the alarms. An alarm that is not there is in no state.
    pub(crate) fn holds(&self, states: &BTreeMap<&str, StateValue>) -> bool {
        match self {
            Expression::Constant(is_true) => *is_true,
            Expression::Is(state, name) => states.get(name.as_str()) == Some(state),
            Expression::Not(inner) => !inner.holds(states),
            Expression::And(left, right) => left.holds(states) && right.holds(states),
            Expression::Or(left, right) => left.holds(states) || right.holds(states),
        }
    }

    /// The alarms that it names.
    pub(crate) fn children(&self) -> Vec<&str> {
        match self {
            Expression::Constant(_) => Vec::new(),
            Expression::Is(_, name) => vec![name],
            Expression::Not(inner) => inner.children(),
            Expression::And(left, right) | Expression::Or(left, right) => {
                let mut all = left.children();
                all.extend(right.children());
                all
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_by_the_states_of_alarms() {
        let states = BTreeMap::from([("a b", StateValue::Alarm), ("c", StateValue::Ok)]);
        for (text, expect) in [
            ("ALARM(\"a b\")", Some(true)),
            ("ALARM(\"arn:aws:cloudwatch:r:1:alarm:a b\") AND OK(c)", Some(true)),
            ("NOT OK(c) OR FALSE", Some(false)),
            ("ALARM(c) OR ALARM(\"a b\") AND TRUE", Some(true)),
            ("not (ALARM(c) or INSUFFICIENT_DATA(gone))", Some(true)),
            ("", None),
            ("ALARM(", None),
            ("ALARM(c) ALARM(c)", None),
            ("RED(c)", None),
            ("(OK(c)", None),
        ] {
            assert_eq!(parse(text).map(|rule| rule.holds(&states)), expect, "{text}");
        }
        assert_eq!(parse(&"(".repeat(10_000)), None);
        assert_eq!(parse("NOT ALARM(a) AND OK(b)").unwrap().children(), ["a", "b"]);
    }
}
