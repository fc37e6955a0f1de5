//! ExclusiveStartKey: its values, which attributes it must have, and the refusals when it is not a place the
//! request could have stopped at.

use crate::checks::range_source::Source;
use crate::errors::{self, KeyUse, Layer, value_text};
use engine::{
    IndexKeyFault, IndexKeyProblem, IndexKind, KeyAttribute, KeyFault, ReadError, Segment, StartKeyFault,
};
use expr::BoundKeyCondition;
use expr::error::ShownValue;
use model::ApiError;
use stdx::limits::NESTING_LEVELS_MAX;
use types::{Item, ValueRef};
use wire::attribute::{Attributes, ValueFault};

/// Whose start key it is: they word faults of values differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartOf {
    /// Query
    Query,
    /// Scan
    Scan,
}

/// The stage of its values.
pub fn check_values(start: Option<&Attributes>, of: StartOf) -> Result<(), ApiError> {
    let Some(start) = start else { return Ok(()) };
    if let Some(fault) = start.fault.as_deref() {
        return Err(value_fault(fault, of));
    }
    match (start.nesting_levels > NESTING_LEVELS_MAX, of) {
        (false, _) => Ok(()),
        (true, StartOf::Query) => Err(ApiError::validation(errors::ATTRIBUTES_TOO_DEEP)),
        (true, StartOf::Scan) => {
            Err(ApiError::validation(errors::start_key_invalid(errors::ATTRIBUTES_TOO_DEEP)))
        }
    }
}

fn value_fault(fault: &ValueFault, of: StartOf) -> ApiError {
    use ValueFault::*;
    let text = value_text(fault, Layer::Plain);
    ApiError::validation(match (fault, of) {
        (Empty | MoreThanOneType, _) | (NullIsFalse | EmptyStringSet | EmptyBinarySet, StartOf::Scan) => {
            errors::start_key_invalid(text)
        }
        _ => text,
    })
}

/// It has exactly the key attributes of what is read, of their types; those of the table are not empty.
pub fn check_shape(source: &Source<'_>, start: Option<&Item>, of: StartOf) -> Result<(), ApiError> {
    let Some(start) = start else { return Ok(()) };
    if of == StartOf::Scan {
        check_types_of_index_keys(source, start)?;
    }
    let mut attributes = source.start_key_attributes();
    let fits = attributes.all(|attribute| actual_type(start, attribute) == Some(attribute.ty.as_type()));
    if !fits || start.as_ref().len() != source.start_key_attributes().count() {
        return Err(ApiError::validation(errors::START_KEY_INVALID));
    }
    let is_empty = |name: &str| matches!(start.get(name), Some(ValueRef::S("") | ValueRef::B([])));
    match source.table.key.attributes().find(|attribute| is_empty(&attribute.name)) {
        None => Ok(()),
        Some(KeyAttribute { name, ty }) => {
            Err(errors::key_fault(&KeyFault::Empty { name: name.clone(), ty: ty.as_type() }, KeyUse::Key))
        }
    }
}

/// In a table with indexes Scan words a wrong type as an index's, whether one is read or not: of the one that
/// is read, or else of the first global one, or of the first.
fn check_types_of_index_keys(source: &Source<'_>, start: &Item) -> Result<(), ApiError> {
    let indexes = &source.table.indexes;
    let first_global = indexes.iter().find(|index| index.kind == IndexKind::Global);
    let Some(index) = source.index().or(first_global).or(indexes.first()) else { return Ok(()) };
    for attribute in &source.table.attribute_definitions {
        let expected = attribute.ty.as_type();
        if let Some(actual) = actual_type(start, attribute).filter(|actual| *actual != expected) {
            let problem = IndexKeyProblem::WrongType { expected, actual };
            let (index, attribute) = (index.name.clone(), attribute.name.clone());
            return Err(errors::index_key_fault(&IndexKeyFault {
                index,
                attribute,
                problem,
                by_update: false,
            }));
        }
    }
    Ok(())
}

fn actual_type(start: &Item, attribute: &KeyAttribute) -> Option<types::Type> {
    start.get(&attribute.name).map(|value| value.kind())
}

/// A Query of a table without sort key finds one item at most: there is nothing to continue from.
pub fn check_goes_on(source: &Source<'_>, start: Option<&Item>) -> Result<(), ApiError> {
    match start.filter(|_| is_single_item(source)) {
        None => Ok(()),
        Some(start) => {
            let shown = start.as_ref().iter().map(|(name, value)| format!("{name}={}", ShownValue(value)));
            let shown = shown.collect::<Vec<_>>().join(", ");
            Err(errors::start_key_of_single_item(format_args!("{{{shown}}}")))
        }
    }
}

/// Whether a Query finds one item at most. Such a query hands out no LastEvaluatedKey, which it would refuse.
pub fn is_single_item(source: &Source<'_>) -> bool {
    source.index().is_none() && source.table.key.range.is_empty()
}

/// What a Query answers when reading failed.
pub fn query_error(error: ReadError, key: &BoundKeyCondition) -> ApiError {
    let has_sort_condition = key.range.is_some() || !key.range_prefix.is_empty();
    match error {
        ReadError::StartKey(StartKeyFault::OtherPartition { last: true }) => {
            let same_row = errors::START_KEY_OF_OTHER_ROW;
            ApiError::validation(if has_sort_condition { same_row } else { errors::START_KEY_OUTSIDE_QUERY })
        }
        other => errors::read_error(other),
    }
}

/// What a Scan answers when reading failed.
pub fn scan_error(error: ReadError, segment: Option<Segment>) -> ApiError {
    match (error, segment) {
        (ReadError::StartKey(StartKeyFault::OutsideSegment), Some(Segment { number, total })) => {
            ApiError::validation(errors::start_key_of_other_segment(number, total))
        }
        (other, _) => errors::read_error(other),
    }
}
