//! Literals: texts, numbers, the words for truth and nothing, lists, maps and sets, with parameters anywhere in them.

use super::StatementError;
use super::cursor::Cursor;
use super::lexer::Kind;
use std::collections::BTreeMap;
use types::{Number, Value};

/// Whether a literal is next. A bracket and a sign count.
pub(super) fn is_next(cursor: &Cursor<'_>) -> bool {
    match cursor.peek() {
        Kind::Text(_) | Kind::Number(_) | Kind::Parameter => true,
        Kind::Symbol(symbol) => ["-", "+", "[", "{", "<<"].contains(symbol),
        Kind::Word(word) => {
            ["true", "false", "null"].iter().any(|literal| word.eq_ignore_ascii_case(literal))
        }
        Kind::Name(_) | Kind::Unknown | Kind::End => false,
    }
}

/// Reads a literal.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Value, StatementError> {
    if cursor.take("[") {
        return cursor.nested(|cursor| elements(cursor, "]")).map(Value::L);
    }
    if cursor.take("{") {
        return cursor.nested(entries).map(Value::M);
    }
    if cursor.take("<<") {
        return cursor.nested(|cursor| elements(cursor, ">>")).and_then(set);
    }
    if cursor.take("-") {
        return number(cursor, "-");
    }
    if cursor.take("+") {
        return number(cursor, "");
    }
    match cursor.peek().clone() {
        Kind::Text(text) => {
            cursor.next();
            Ok(Value::S(text.into_owned()))
        }
        Kind::Number(_) => number(cursor, ""),
        Kind::Parameter => {
            cursor.next();
            Ok(cursor.parameter().as_ref().to_value())
        }
        Kind::Word(_) if cursor.take_keyword("true") => Ok(Value::Bool(true)),
        Kind::Word(_) if cursor.take_keyword("false") => Ok(Value::Bool(false)),
        Kind::Word(_) if cursor.take_keyword("null") => Ok(Value::Null),
        _ => Err(cursor.unexpected()),
    }
}

fn number(cursor: &mut Cursor<'_>, sign: &str) -> Result<Value, StatementError> {
    let Kind::Number(digits) = *cursor.peek() else { return Err(cursor.unexpected()) };
    cursor.next();
    let text = [sign, digits].concat();
    Number::parse(&text).map(Value::N).map_err(|error| StatementError::Number(error, text))
}

/// Literals up to a closing bracket.
pub(super) fn elements(cursor: &mut Cursor<'_>, close: &str) -> Result<Vec<Value>, StatementError> {
    let mut elements = Vec::new();
    if cursor.take(close) {
        return Ok(elements);
    }
    loop {
        elements.push(read(cursor)?);
        if cursor.take(close) {
            return Ok(elements);
        }
        cursor.expect(",")?;
    }
}

/// `'name': value` up to the closing brace.
pub(super) fn entries(cursor: &mut Cursor<'_>) -> Result<BTreeMap<String, Value>, StatementError> {
    let mut entries = BTreeMap::new();
    if cursor.take("}") {
        return Ok(entries);
    }
    loop {
        let name = match cursor.peek().clone() {
            Kind::Text(name) | Kind::Name(name) if !name.is_empty() => name.into_owned(),
            Kind::Text(_) | Kind::Name(_) => {
                return Err(StatementError::Refused("Path component cannot be an empty string"));
            }
            _ => return Err(cursor.unexpected()),
        };
        cursor.next();
        cursor.expect(":")?;
        let value = read(cursor)?;
        entries.insert(name, value);
        if cursor.take("}") {
            return Ok(entries);
        }
        cursor.expect(",")?;
    }
}

/// A bag is a set, so its members are all texts, all numbers or all binary values.
fn set(members: Vec<Value>) -> Result<Value, StatementError> {
    let mixed = || StatementError::Refused("Bags must contain values of one type: string, number or binary");
    macro_rules! set_of {
        ($kind:ident, $set:ident) => {
            members
                .into_iter()
                .map(|member| if let Value::$kind(member) = member { Ok(member) } else { Err(mixed()) })
                .collect::<Result<_, _>>()
                .map(Value::$set)
        };
    }
    match members.first() {
        None => Err(StatementError::Refused("Empty bags are not supported")),
        Some(Value::S(_)) => set_of!(S, SS),
        Some(Value::N(_)) => set_of!(N, NS),
        Some(Value::B(_)) => set_of!(B, BS),
        Some(_) => Err(mixed()),
    }
}

/// Maps and lists around the deepest leaf of a value; a value that is neither has none.
pub(super) fn nesting_levels(value: &Value) -> usize {
    match value {
        Value::L(elements) => 1 + elements.iter().map(nesting_levels).max().unwrap_or(0),
        Value::M(entries) => 1 + entries.values().map(nesting_levels).max().unwrap_or(0),
        _ => 0,
    }
}
