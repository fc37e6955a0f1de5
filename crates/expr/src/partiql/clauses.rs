//! Clauses that several statements have, and the values of SET.

use super::cursor::Cursor;
use super::keywords::is_keyword;
use super::lexer::Kind;
use super::{Returning, StatementError, Target, literal};
use crate::error::Fault;
use crate::path::Path;
use crate::update::{Action, Change, Term};
use types::{Type, ValueBuf};

/// Reads a table, or an index after it.
pub(super) fn target(cursor: &mut Cursor<'_>) -> Result<Target, StatementError> {
    let table = cursor.name()?;
    let index = if cursor.take(".") { Some(cursor.name()?) } else { None };
    if cursor.take(".") {
        return Err(StatementError::Refused("A path may contain at most 2 components in the FROM clause"));
    }
    Ok(Target { table, index })
}

/// Nothing joins a second table to the first.
pub(super) fn single_source(cursor: &mut Cursor<'_>, text: &'static str) -> Result<(), StatementError> {
    let joins = ["join", "inner", "left", "right", "outer", "cross", "natural"];
    let is_join = matches!(cursor.peek(), Kind::Symbol(",")) || joins.iter().any(|join| cursor.is_at(join));
    if is_join { Err(StatementError::Refused(text)) } else { no_alias(cursor) }
}

/// No name follows, with or without AS.
pub(super) fn no_alias(cursor: &Cursor<'_>) -> Result<(), StatementError> {
    let is_name = match cursor.peek() {
        Kind::Word(word) => word.eq_ignore_ascii_case("as") || !is_keyword(word),
        Kind::Name(_) => true,
        _ => false,
    };
    if is_name { Err(StatementError::Refused("Aliasing is not supported")) } else { Ok(()) }
}

/// Reads RETURNING, if it is next.
pub(super) fn returning(cursor: &mut Cursor<'_>) -> Result<Option<Returning>, StatementError> {
    if !cursor.take_keyword("returning") {
        return Ok(None);
    }
    let all = cursor.take_keyword("all");
    if !all {
        cursor.expect_keyword("modified")?;
    }
    let old = cursor.take_keyword("old");
    if !old {
        cursor.expect_keyword("new")?;
    }
    cursor.expect("*")?;
    Ok(Some(match (all, old) {
        (true, true) => Returning::AllOld,
        (true, false) => Returning::AllNew,
        (false, true) => Returning::ModifiedOld,
        (false, false) => Returning::ModifiedNew,
    }))
}

/// Reads `path = value` of SET.
pub(super) fn set_clause(cursor: &mut Cursor<'_>) -> Result<Action, StatementError> {
    let path = cursor.path()?;
    cursor.expect("=")?;
    let change = match (cursor.peek().clone(), cursor.peek_second()) {
        (Kind::Word(function), Kind::Symbol("(")) if function.eq_ignore_ascii_case("set_add") => {
            Change::Add(set_operand(cursor, "set_add", &path)?)
        }
        (Kind::Word(function), Kind::Symbol("(")) if function.eq_ignore_ascii_case("set_delete") => {
            Change::Delete(set_operand(cursor, "set_delete", &path)?)
        }
        _ => Change::Set(sum(cursor)?),
    };
    Ok(Action { path, change })
}

/// `set_add(path, set)`, where the path is the one that is set.
fn set_operand(cursor: &mut Cursor<'_>, function: &str, target: &Path) -> Result<ValueBuf, StatementError> {
    cursor.next();
    cursor.expect("(")?;
    let path = cursor.path()?;
    if path != *target {
        return Err(StatementError::Refused(
            "The first operand of set_add and set_delete must be the path that is set",
        ));
    }
    cursor.expect(",")?;
    let set = literal::read(cursor)?;
    cursor.expect(")")?;
    match set.kind() {
        Type::SS | Type::NS | Type::BS => {}
        other => note(cursor, Fault::operand_type(function, other.tag())),
    }
    Ok(ValueBuf::from(&set))
}

fn note(cursor: &mut Cursor<'_>, fault: Fault) {
    cursor.misfit.get_or_insert(fault);
}

/// Terms with `+` and `-` between them, from the left.
fn sum(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    let mut sum = term(cursor)?;
    loop {
        let (join, symbol): (fn(_, _) -> Term, _) = if cursor.take("+") {
            (Term::Sum, "+")
        } else if cursor.take("-") {
            (Term::Difference, "-")
        } else {
            return Ok(sum);
        };
        let right = term(cursor)?;
        only(cursor, symbol, [&sum, &right], Type::N);
        cursor.count_operator()?;
        sum = join(Box::new(sum), Box::new(right));
    }
}

/// Literals among the operands have this type.
fn only(cursor: &mut Cursor<'_>, operator: &str, operands: [&Term; 2], allowed: Type) {
    for operand in operands {
        if let Term::Value(value) = operand {
            let kind = value.as_ref().kind();
            if kind != allowed {
                note(cursor, Fault::operand_type(operator, kind.tag()));
            }
        }
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    if cursor.take("(") {
        let inner = cursor.nested(sum)?;
        cursor.expect(")")?;
        return Ok(inner);
    }
    if literal::is_next(cursor) {
        return Ok(Term::Value(ValueBuf::from(&literal::read(cursor)?)));
    }
    match (cursor.peek().clone(), cursor.peek_second()) {
        (Kind::Word(function), Kind::Symbol("(")) if function.eq_ignore_ascii_case("list_append") => {
            list_append(cursor)
        }
        (Kind::Word(_), Kind::Symbol("(")) => Err(cursor.unexpected_call()),
        (Kind::End | Kind::Unknown | Kind::Symbol(_), _) => Err(cursor.unexpected()),
        _ => cursor.path().map(Term::Path),
    }
}

fn list_append(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    cursor.next();
    cursor.expect("(")?;
    let first = cursor.nested(term)?;
    cursor.expect(",")?;
    let second = cursor.nested(term)?;
    cursor.expect(")")?;
    only(cursor, "list_append", [&first, &second], Type::L);
    Ok(Term::ListAppend(Box::new(first), Box::new(second)))
}
