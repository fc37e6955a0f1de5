//! WHERE: what becomes a [`Condition`]. NOT binds tighter than AND, AND tighter than OR.

use super::StatementError;
use super::cursor::Cursor;
use super::lexer::Kind;
use super::literal;
use crate::condition::{ANY_TYPE, Comparator, Condition, Operand};
use crate::error::Fault;
use crate::path::Path;
use stdx::limits::IN_OPERANDS_MAX;
use types::{Type, ValueBuf, ValueRef};

/// What a bracket may hold.
enum Term {
    Condition(Condition),
    Operand(Operand),
}

/// Reads WHERE, if it is next.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Option<Condition>, StatementError> {
    if !cursor.take_keyword("where") {
        return Ok(None);
    }
    cursor.restart_operators();
    condition(cursor).map(Some)
}

fn condition(cursor: &mut Cursor<'_>) -> Result<Condition, StatementError> {
    let term = disjunction(cursor)?;
    as_condition(cursor, term)
}

fn as_condition(cursor: &Cursor<'_>, term: Term) -> Result<Condition, StatementError> {
    match term {
        Term::Condition(condition) => Ok(condition),
        Term::Operand(_) => Err(cursor.unexpected()),
    }
}

fn disjunction(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    joined(cursor, "or", conjunction, Condition::Or)
}

fn conjunction(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    joined(cursor, "and", negation, Condition::And)
}

/// One term, or several with a word between them.
fn joined(
    cursor: &mut Cursor<'_>,
    word: &str,
    read: fn(&mut Cursor<'_>) -> Result<Term, StatementError>,
    join: fn(Vec<Condition>) -> Condition,
) -> Result<Term, StatementError> {
    let first = read(cursor)?;
    if !cursor.is_at(word) {
        return Ok(first);
    }
    let mut all = vec![as_condition(cursor, first)?];
    while cursor.take_keyword(word) {
        cursor.count_operator()?;
        let next = read(cursor)?;
        all.push(as_condition(cursor, next)?);
    }
    Ok(Term::Condition(join(all)))
}

fn negation(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    if !cursor.take_keyword("not") {
        return predicate(cursor);
    }
    cursor.count_operator()?;
    let inner = cursor.nested(negation)?;
    as_condition(cursor, inner).map(not)
}

fn not(condition: Condition) -> Term {
    Term::Condition(Condition::Not(Box::new(condition)))
}

/// A term, and what compares it with others.
fn predicate(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    let subject = match term(cursor)? {
        Term::Operand(operand) => operand,
        condition => return Ok(condition),
    };
    if let Some(comparator) = comparator(cursor) {
        cursor.count_operator()?;
        let right = right_side(cursor)?;
        return Ok(Term::Condition(comparison(cursor, comparator, subject, right)));
    }
    if cursor.take_keyword("is") {
        cursor.count_operator()?;
        return type_test(cursor, subject);
    }
    let negated = cursor.is_at("not") && {
        let next = cursor.peek_second();
        matches!(next, Kind::Word(word) if ["in", "between"].iter().any(|one| word.eq_ignore_ascii_case(one)))
    };
    if negated {
        cursor.next();
        cursor.count_operator()?;
    }
    let found = if cursor.take_keyword("between") {
        cursor.count_operator()?;
        between(cursor, subject)?
    } else if cursor.take_keyword("in") {
        cursor.count_operator()?;
        one_of(cursor, subject)?
    } else {
        return Ok(Term::Operand(subject));
    };
    Ok(if negated { not(found) } else { Term::Condition(found) })
}

fn comparator(cursor: &mut Cursor<'_>) -> Option<Comparator> {
    let found = match cursor.peek() {
        Kind::Symbol("!=") => Comparator::Ne,
        Kind::Symbol(symbol) => Comparator::ALL.into_iter().find(|one| one.symbol() == *symbol)?,
        _ => return None,
    };
    cursor.next();
    Some(found)
}

fn right_side(cursor: &mut Cursor<'_>) -> Result<Operand, StatementError> {
    match cursor.peek() {
        Kind::End | Kind::Symbol(";") => {
            Err(StatementError::Syntax("Missing right-hand side expression of infix operator"))
        }
        _ => operand(cursor),
    }
}

fn comparison(cursor: &mut Cursor<'_>, comparator: Comparator, left: Operand, right: Operand) -> Condition {
    if comparator.is_ordering() {
        only_ordered(cursor, comparator.symbol(), [&left, &right]);
    }
    Condition::Compare { comparator, left, right }
}

fn between(cursor: &mut Cursor<'_>, subject: Operand) -> Result<Condition, StatementError> {
    let low = operand(cursor)?;
    cursor.expect_keyword("and")?;
    let high = operand(cursor)?;
    only_ordered(cursor, "BETWEEN", [&low, &high]);
    Ok(Condition::Between { subject, low, high })
}

/// A literal that is compared by order is a text, a number or a binary value.
fn only_ordered<const N: usize>(cursor: &mut Cursor<'_>, operator: &str, operands: [&Operand; N]) {
    only(cursor, operator, operands, &[Type::S, Type::N, Type::B]);
}

fn only<const N: usize>(cursor: &mut Cursor<'_>, operator: &str, operands: [&Operand; N], allowed: &[Type]) {
    let literal = |operand: &&Operand| match operand {
        Operand::Value(value) => Some(value.as_ref().kind()),
        Operand::Path(_) | Operand::Size(_) => None,
    };
    let misfit = operands.iter().filter_map(literal).find(|kind| !allowed.contains(kind));
    if let Some(kind) = misfit {
        cursor.misfit.get_or_insert_with(|| Fault::operand_type(operator, kind.tag()));
    }
}

/// `[…]` or `(…)`.
fn one_of(cursor: &mut Cursor<'_>, subject: Operand) -> Result<Condition, StatementError> {
    let close = match cursor.next() {
        Kind::Symbol("[") => "]",
        Kind::Symbol("(") => ")",
        _ => return Err(cursor.unexpected()),
    };
    let mut candidates = Vec::new();
    loop {
        candidates.push(operand(cursor)?);
        if cursor.take(close) {
            break;
        }
        cursor.expect(",")?;
    }
    match candidates.len() {
        many if many > IN_OPERANDS_MAX => Err(Fault::TooManyInOperands(many).into()),
        _ => Ok(Condition::In { subject, candidates }),
    }
}

/// `IS MISSING`, `IS NULL` and the names of types.
fn type_test(cursor: &mut Cursor<'_>, subject: Operand) -> Result<Term, StatementError> {
    let negated = cursor.take_keyword("not");
    let Kind::Word(word) = *cursor.peek() else { return Err(cursor.unexpected()) };
    let kind = match word.to_ascii_lowercase().as_str() {
        "missing" => None,
        "null" => Some(Type::Null),
        "boolean" | "bool" => Some(Type::Bool),
        "string" => Some(Type::S),
        "numeric" => Some(Type::N),
        "blob" => Some(Type::B),
        "list" => Some(Type::L),
        "struct" | "tuple" => Some(Type::M),
        _ => return Err(cursor.unexpected()),
    };
    cursor.next();
    let condition = match (kind, subject) {
        (None, Operand::Path(path)) => Condition::NotExists(path),
        (None, _) => return Err(Fault::PathRequired("IS MISSING".to_owned()).into()),
        (Some(kind), subject) => Condition::HasType(subject, kind),
    };
    Ok(if negated { not(condition) } else { Term::Condition(condition) })
}

fn operand(cursor: &mut Cursor<'_>) -> Result<Operand, StatementError> {
    match term(cursor)? {
        Term::Operand(operand) => Ok(operand),
        Term::Condition(_) => Err(cursor.unexpected()),
    }
}

/// A bracket, a call, a literal or a path.
fn term(cursor: &mut Cursor<'_>) -> Result<Term, StatementError> {
    if cursor.take("(") {
        let inner = cursor.nested(disjunction)?;
        cursor.expect(")")?;
        return Ok(inner);
    }
    if literal::is_next(cursor) {
        let value = literal::read(cursor)?;
        return Ok(Term::Operand(Operand::Value(ValueBuf::from(&value))));
    }
    match (cursor.peek().clone(), cursor.peek_second()) {
        (Kind::Word(function), Kind::Symbol("(")) => call(cursor, function),
        (Kind::End | Kind::Unknown | Kind::Symbol(_), _) => Err(cursor.unexpected()),
        _ => cursor.path().map(|path| Term::Operand(Operand::Path(path))),
    }
}

fn call(cursor: &mut Cursor<'_>, function: &str) -> Result<Term, StatementError> {
    let name = function.to_ascii_lowercase();
    let known =
        ["size", "begins_with", "contains", "attribute_type", "attribute_exists", "attribute_not_exists"];
    if !known.contains(&name.as_str()) {
        return Err(cursor.unexpected_call());
    }
    cursor.next();
    cursor.expect("(")?;
    let arguments = cursor.nested(arguments)?;
    let count = arguments.len();
    let mut arguments = arguments.into_iter();
    let (first, second) = (arguments.next(), arguments.next());
    cursor.count_operator()?;
    match (name.as_str(), first, second, count) {
        ("size", Some(Operand::Path(path)), None, 1) => {
            Ok(Term::Operand(Operand::Size(Box::new(Operand::Path(path)))))
        }
        ("attribute_exists", Some(Operand::Path(path)), None, 1) => {
            Ok(Term::Condition(Condition::Exists(path)))
        }
        ("attribute_not_exists", Some(Operand::Path(path)), None, 1) => {
            Ok(Term::Condition(Condition::NotExists(path)))
        }
        ("size" | "attribute_exists" | "attribute_not_exists", Some(_), None, 1) => {
            Err(Fault::PathRequired(name).into())
        }
        ("begins_with", Some(subject), Some(prefix), 2) => {
            only(cursor, "begins_with", [&subject, &prefix], &[Type::S, Type::B]);
            Ok(Term::Condition(Condition::BeginsWith { subject, prefix }))
        }
        ("contains", Some(container), Some(member), 2) => {
            Ok(Term::Condition(Condition::Contains { container, member }))
        }
        ("attribute_type", Some(subject), Some(kind), 2) => has_type(subject, &kind).map(Term::Condition),
        _ => Err(Fault::operand_count(name, count).into()),
    }
}

fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<Operand>, StatementError> {
    let mut arguments = Vec::new();
    if cursor.take(")") {
        return Ok(arguments);
    }
    loop {
        arguments.push(operand(cursor)?);
        if cursor.take(")") {
            return Ok(arguments);
        }
        cursor.expect(",")?;
    }
}

fn has_type(subject: Operand, kind: &Operand) -> Result<Condition, StatementError> {
    let Operand::Value(value) = kind else {
        return Err(Fault::operand_type("attribute_type", ANY_TYPE).into());
    };
    match value.as_ref() {
        ValueRef::S(tag) => match Type::from_tag(tag) {
            Some(kind) => Ok(Condition::HasType(subject, kind)),
            None => Err(Fault::UnknownType(tag.to_owned()).into()),
        },
        other => Err(Fault::operand_type("attribute_type", other.kind().tag()).into()),
    }
}

/// The attribute that a condition compares by `=` with one value, on either side.
pub(super) fn equality(condition: &Condition) -> Option<(&str, &ValueBuf)> {
    let top_level = |path: &'_ Path| !path.is_nested();
    match condition {
        Condition::Compare { comparator: Comparator::Eq, left, right } => match (left, right) {
            (Operand::Path(path), Operand::Value(value)) | (Operand::Value(value), Operand::Path(path)) => {
                top_level(path).then(|| (path.top_level_name(), value))
            }
            _ => None,
        },
        Condition::In { subject: Operand::Path(path), candidates } => match &candidates[..] {
            [Operand::Value(value)] if top_level(path) => Some((path.top_level_name(), value)),
            _ => None,
        },
        _ => None,
    }
}
