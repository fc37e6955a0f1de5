//! What SET assigns to a target: a value of the old item or of the request, or one made from such.

use crate::error::UpdateError;
use crate::part::{ListWriter, Part};
use crate::update::Term;
use crate::update::evaluate::{Encoded, MADE_BYTES_MAX};
use std::borrow::Cow;
use types::{ListRef, MapRef, Number, NumberError, ValueRef, encode};

/// The value of a term. Both operands are read before either is judged: a missing attribute is reported before
/// an operand of the wrong type. Recursion is bounded by the operator limit.
pub(super) fn evaluate<'v>(term: &'v Term, old: MapRef<'v>) -> Result<Encoded<'v>, UpdateError> {
    match term {
        Term::Path(path) => path.find_bytes(old).map(Cow::Borrowed).ok_or(UpdateError::MissingAttribute),
        Term::Value(value) => Ok(Cow::Borrowed(value.as_bytes())),
        Term::IfNotExists(path, other) => match path.find_bytes(old) {
            Some(value) => Ok(Cow::Borrowed(value)),
            None => evaluate(other, old),
        },
        Term::ListAppend(first, second) => appended(&evaluate(first, old)?, &evaluate(second, old)?),
        Term::Sum(left, right) => calculated(Number::add, &evaluate(left, old)?, &evaluate(right, old)?),
        Term::Difference(left, right) => {
            calculated(Number::sub, &evaluate(left, old)?, &evaluate(right, old)?)
        }
    }
}

type Operation = fn(&Number, &Number) -> Result<Number, NumberError>;

fn calculated<'v>(operation: Operation, left: &[u8], right: &[u8]) -> Result<Encoded<'v>, UpdateError> {
    encoded(operation(&number(left)?, &number(right)?))
}

fn appended<'v>(first: &[u8], second: &[u8]) -> Result<Encoded<'v>, UpdateError> {
    append(list(first)?, list(second)?)
}

fn number(value: &[u8]) -> Result<Number, UpdateError> {
    match ValueRef::read(value) {
        ValueRef::N(number) => Ok(number),
        _ => Err(UpdateError::IncorrectDataType),
    }
}

fn list(value: &[u8]) -> Result<ListRef<'_>, UpdateError> {
    match ValueRef::read(value) {
        ValueRef::L(list) => Ok(list),
        _ => Err(UpdateError::IncorrectDataType),
    }
}

/// The value of a sum or difference.
pub(super) fn encoded<'v>(result: Result<Number, NumberError>) -> Result<Encoded<'v>, UpdateError> {
    let number = result.map_err(UpdateError::Number)?;
    let mut out = Vec::new();
    encode::put_number(&mut out, &number);
    Ok(Cow::Owned(out))
}

/// One list after the other.
pub(super) fn append<'v>(first: ListRef<'_>, second: ListRef<'_>) -> Result<Encoded<'v>, UpdateError> {
    let mut list = ListWriter::default();
    first.iter_bytes().chain(second.iter_bytes()).for_each(|element| list.push(Part::Whole(element)));
    // A list has no member that is encoded in more than seven times its size.
    if list.len_bytes() > MADE_BYTES_MAX / 2 {
        return Err(UpdateError::TooLarge);
    }
    let mut out = Vec::new();
    Part::List(list).append_to(&mut out);
    Ok(Cow::Owned(out))
}
