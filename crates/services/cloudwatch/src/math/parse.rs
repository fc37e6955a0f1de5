//! Reads an expression.

use super::MathError;

/// How deeply expressions may be nested: functions, parentheses, and signs.
const DEPTH_MAX: usize = 32;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// The id of a query, or a word that a function takes.
    Word(String),
    /// A text in quotes.
    Text(String),
    /// `[a, b]`
    List(Vec<Expression>),
    /// A function with its operands.
    Call(String, Vec<Expression>),
    /// A minus sign.
    Negative(Box<Expression>),
    /// Two operands.
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
    Text(String),
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 19] =
    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "!"];

/// By how strongly they bind, weakest first.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];

impl Expression {
    /// The words in it: ids, and words that functions take.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Expression::Number(_) | Expression::Text(_) => Vec::new(),
            Expression::Word(word) => vec![word],
            Expression::List(all) | Expression::Call(_, all) => {
                all.iter().flat_map(Expression::words).collect()
            }
            Expression::Negative(inner) => inner.words(),
            Expression::Binary(_, left, right) => {
                let mut words = left.words();
                words.extend(right.words());
                words
            }
        }
    }
}

/// Reads an expression.
///
/// # Errors
/// When the text is none, or nested too deeply.
pub fn parse(text: &str) -> Result<Expression, MathError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.level(0)?;
    match parser.next() {
        Token::End => Ok(expression),
        other => Err(unexpected(&other)),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, MathError> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '0'..='9' | '.' => number(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => {
                let length =
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
            '"' | '\'' => {
                let length =
                    rest[1..].find(first).ok_or_else(|| MathError::Unexpected("end of text".to_owned()))?;
                (Token::Text(rest[1..=length].to_owned()), length + 2)
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| MathError::Unexpected(format!("character {first}")))?;
                (Token::Sign(sign), sign.len())
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn number(text: &str) -> Result<(Token, usize), MathError> {
    let digits = |text: &str| text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let mut length = digits(text);
    if let Some(exponent) = text[length..].strip_prefix(['e', 'E']) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(unsigned);
        if count > 0 {
            length += 1 + exponent.len() - unsigned.len() + count;
        }
    }
    let number = text[..length].parse().ok().filter(|number: &f64| number.is_finite());
    let number = number.ok_or_else(|| MathError::Unexpected(format!("number {}", &text[..length])))?;
    Ok((Token::Number(number), length))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_there = match self.peek() {
            Token::Sign(found) => *found == sign,
            Token::Word(word) => word == sign,
            _ => false,
        };
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, sign: &str) -> Result<(), MathError> {
        if self.takes(sign) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    /// Operators of one level and all that bind more strongly.
    fn level(&mut self, level: usize) -> Result<Expression, MathError> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.level(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.takes(sign)) {
            let right = self.level(level + 1)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<Expression, MathError> {
        let mut left = self.signed()?;
        while self.takes("^") {
            let right = self.signed()?;
            left = Expression::Binary(Operator::Power, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expression, MathError> {
        if self.takes("-") {
            return self.deeper(|parser| Ok(Expression::Negative(Box::new(parser.signed()?))));
        }
        self.operand()
    }

    fn operand(&mut self) -> Result<Expression, MathError> {
        match self.next() {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Word(word) if self.takes("(") => Ok(Expression::Call(word, self.several(")")?)),
            Token::Word(word) => Ok(Expression::Word(word)),
            Token::Sign("[") => Ok(Expression::List(self.several("]")?)),
            Token::Sign("(") => {
                let inner = self.deeper(|parser| parser.level(0))?;
                self.expect(")")?;
                Ok(inner)
            }
            other => Err(unexpected(&other)),
        }
    }

    fn several(&mut self, end: &str) -> Result<Vec<Expression>, MathError> {
        let mut several = Vec::new();
        if self.takes(end) {
            return Ok(several);
        }
        loop {
            several.push(self.deeper(|parser| parser.level(0))?);
            if self.takes(end) {
                return Ok(several);
            }
            self.expect(",")?;
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, MathError>) -> Result<T, MathError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(MathError::TooDeep);
        }
        let read = read(self);
        self.depth -= 1;
        read
    }
}

fn unexpected(token: &Token) -> MathError {
    MathError::Unexpected(match token {
        Token::Number(number) => format!("number {number}"),
        Token::Word(word) => format!("word {word}"),
        Token::Text(text) => format!("text \"{text}\""),
        Token::Sign(sign) => format!("character {sign}"),
        Token::End => "end of text".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// With all parentheses.
    fn shown(expression: &Expression) -> String {
        let list = |all: &[Expression]| all.iter().map(shown).collect::<Vec<_>>().join(" ");
        match expression {
            Expression::Number(number) => number.to_string(),
            Expression::Word(word) => word.clone(),
            Expression::Text(text) => format!("'{text}'"),
            Expression::List(all) => format!("[{}]", list(all)),
            Expression::Call(name, all) => format!("{name}({})", list(all)),
            Expression::Negative(inner) => format!("-{}", shown(inner)),
            Expression::Binary(operator, left, right) => {
                format!("({} {operator:?} {})", shown(left), shown(right))
            }
        }
    }

    #[test]
    fn operators_bind_as_usual() {
        for (text, expect) in [
            ("a+b*c-d", "((a Add (b Multiply c)) Subtract d)"),
            ("(m1/300)/m2*100", "(((m1 Divide 300) Divide m2) Multiply 100)"),
            ("-a^2", "(-a Power 2)"),
            ("a > 1 AND b <= 2.5e1 || c", "(((a Greater 1) And (b LessOrEqual 25)) Or c)"),
            ("SUM([a, b])", "SUM([a b])"),
            ("SUM(METRICS(\"err\"))", "SUM(METRICS('err'))"),
            ("IF(a == 0, 1, FILL(b, REPEAT))", "IF((a Equal 0) 1 FILL(b REPEAT))"),
        ] {
            assert_eq!(parse(text).map(|read| shown(&read)), Ok(expect.to_owned()), "{text}");
        }
        for text in ["", "a+", "a b", "(a", "SUM(a", "[a", "1..2", "a # b", "\"a", "é", ")"] {
            assert!(matches!(parse(text), Err(MathError::Unexpected(_))), "{text}");
        }
        assert_eq!(parse(&"(".repeat(2_000)), Err(MathError::TooDeep));
        assert_eq!(parse(&"-".repeat(2_000)), Err(MathError::TooDeep));
        assert!(parse(&format!("a{}", "+a".repeat(900))).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[-+*/^()\\[\\],a-cA-C0-9.\"' <>=!&|é]{0,60}") {
            let _ = parse(&text);
        }
    }
}
