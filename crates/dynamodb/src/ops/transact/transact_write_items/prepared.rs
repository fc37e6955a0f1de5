//! The expressions of an action. An action without any may carry names and values that nothing uses.

use super::action::{Action, ActionKind};
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{Aliases, Expressions, parameter_error};
use crate::checks::transact_list::LAYER;
use crate::errors;
use expr::{Condition, ExprError, Fault, Kind, Update};
use model::ApiError;
use stdx::limits::{EXPRESSION_BYTES_MAX, ITEM_SIZE_BYTES_MAX};

/// The expressions of an action.
#[derive(Debug)]
pub(super) struct Prepared {
    pub update: Option<Update>,
    pub condition: Option<Condition>,
}

impl Prepared {
    pub(super) fn of(action: &Action<'_>) -> Result<Prepared, ApiError> {
        check_values(action)?;
        check_sizes(action)?;
        let aliases = Aliases::of(action.names.cloned(), action.values.cloned());
        aliases.parameters().check_keys().map_err(|error| parameter_error(&error, LAYER))?;
        let mut expressions = Expressions::new(LAYER, &aliases);
        let update = expressions.update(action.update)?;
        let condition = expressions.condition(action.condition, Kind::Condition)?;
        if update.is_some() || condition.is_some() {
            expressions.check_unused()?;
        }
        Ok(Prepared { update, condition })
    }
}

fn check_values(action: &Action<'_>) -> Result<(), ApiError> {
    values::fault(action.attributes.and_then(|attributes| attributes.fault.as_deref()), LAYER)?;
    let mut all = action.values.into_iter().flatten();
    all.try_for_each(|(key, value)| values::expression_value(key, value, LAYER))?;
    match action.attributes {
        Some(item) if action.kind == ActionKind::Put => values::depth(item.nesting_levels, LAYER),
        _ => Ok(()),
    }
}

fn check_sizes(action: &Action<'_>) -> Result<(), ApiError> {
    check_expression_size(action.update, Kind::Update)?;
    check_expression_size(action.condition, Kind::Condition)?;
    let is_put = action.kind == ActionKind::Put;
    if is_put && action.attributes.is_some_and(|item| item.item.exceeds(ITEM_SIZE_BYTES_MAX)) {
        return Err(errors::item_too_large());
    }
    Ok(())
}

/// The refusal of a condition that is too long has its size, that of an update does not.
fn check_expression_size(text: Option<&str>, kind: Kind) -> Result<(), ApiError> {
    match text.map_or(0, str::len) {
        0..=EXPRESSION_BYTES_MAX => Ok(()),
        bytes => {
            Err(LAYER
                .refuse(ExprError { kind, fault: Fault::TooLong { bytes, shown: kind == Kind::Condition } }))
        }
    }
}
