//! The stages of values: empty names, depth, faults. Pure judgement of what was read; the texts' form is the
//! operation's [`Layer`].

use crate::errors::{self, Layer, value_text};
use model::ApiError;
use stdx::limits::{ATTRIBUTE_NAME_BYTES_MAX, NESTING_LEVELS_MAX};
use wire::attribute::{AttributeValue, Attributes, ValueFault};

/// From this depth on a second check of DynamoDB answers, without envelope.
const BARE_FROM_LEVELS: usize = 63;

/// The layer that judges a request: the operation's own, unless the request has a BOOL or NULL that is a text, or a
/// value with several members. Only the older layer reads those.
pub fn layer<'a>(
    own: Layer,
    attributes: Option<&Attributes>,
    values: impl IntoIterator<Item = &'a AttributeValue>,
) -> Layer {
    let is_older = attributes.is_some_and(|attributes| attributes.is_for_older_layer)
        || values.into_iter().any(|value| value.is_for_older_layer);
    if is_older { Layer::Older } else { own }
}

/// No attribute, here or in a nested map, has the empty name.
pub fn no_empty_name(attributes: &Attributes, layer: Layer) -> Result<(), ApiError> {
    refuse_empty_name(attributes.has_empty_name, layer)
}

/// The same of single values.
pub fn no_empty_name_in<'a>(
    values: impl IntoIterator<Item = &'a AttributeValue>,
    layer: Layer,
) -> Result<(), ApiError> {
    refuse_empty_name(values.into_iter().any(|value| value.has_empty_name), layer)
}

/// A name in a list of names.
pub fn refuse_empty_name(is_empty: bool, layer: Layer) -> Result<(), ApiError> {
    if is_empty { Err(layer.refuse(errors::EMPTY_ATTRIBUTE_NAME)) } else { Ok(()) }
}

/// No value is a NULL that is false. DynamoDB looks for that before other faults.
pub fn no_false_null(has_false_null: bool, layer: Layer) -> Result<(), ApiError> {
    if has_false_null { Err(layer.refuse(value_text(&ValueFault::NullIsFalse, layer))) } else { Ok(()) }
}

/// Names that are not read as part of a value.
pub fn names<'a>(names: impl IntoIterator<Item = &'a String>, layer: Layer) -> Result<(), ApiError> {
    let too_long = names.into_iter().any(|name| name.len() > ATTRIBUTE_NAME_BYTES_MAX);
    fault(too_long.then_some(&ValueFault::NameTooLong), layer)
}

/// The values of an item that is put: not too deep, and without fault.
pub fn item(attributes: &Attributes, layer: Layer) -> Result<(), ApiError> {
    depth(attributes.nesting_levels, layer)?;
    fault(attributes.fault.as_deref(), layer)
}

/// The values of a key. An empty set there is refused bare by every operation.
pub fn key(attributes: &Attributes, layer: Layer) -> Result<(), ApiError> {
    match attributes.fault.as_deref() {
        Some(
            empty @ (ValueFault::EmptyStringSet | ValueFault::EmptyNumberSet | ValueFault::EmptyBinarySet),
        ) => Err(ApiError::validation(value_text(empty, layer))),
        other => fault(other, layer),
    }
}

/// A value by itself.
pub fn value(value: &AttributeValue, layer: Layer) -> Result<(), ApiError> {
    fault(value.fault.as_deref(), layer)
}

/// Refuses a fault. A value of no type, or of several, is read by the older layer whatever the operation, so
/// it is never in an envelope.
pub fn fault(fault: Option<&ValueFault>, layer: Layer) -> Result<(), ApiError> {
    match fault {
        None => Ok(()),
        Some(fault @ (ValueFault::Empty | ValueFault::MoreThanOneType)) => {
            Err(ApiError::validation(value_text(fault, layer)))
        }
        Some(fault) => Err(layer.refuse(value_text(fault, layer))),
    }
}

/// Refuses what is nested too deeply.
pub fn depth(levels: usize, layer: Layer) -> Result<(), ApiError> {
    if levels <= NESTING_LEVELS_MAX {
        return Ok(());
    }
    if levels >= BARE_FROM_LEVELS {
        return Err(ApiError::validation(errors::ATTRIBUTES_TOO_DEEP));
    }
    Err(layer.refuse(errors::ATTRIBUTES_TOO_DEEP))
}

/// A value of ExpressionAttributeValues. Which faults name the key depends on the fault and the layer.
pub fn expression_value(key: &str, value: &AttributeValue, layer: Layer) -> Result<(), ApiError> {
    expression_value_depth(key, value.nesting_levels, layer)?;
    let Some(fault) = value.fault.as_deref() else { return Ok(()) };
    let text = value_text(fault, layer);
    match (fault, layer) {
        (ValueFault::Empty | ValueFault::MoreThanOneType, _) | (_, Layer::Older) => {
            Err(ApiError::validation(errors::named_value(&text, key)))
        }
        (ValueFault::EmptyStringSet | ValueFault::EmptyNumberSet | ValueFault::EmptyBinarySet, _) => {
            Err(layer.refuse(errors::named_value(&text, key)))
        }
        _ => Err(layer.refuse(text)),
    }
}

fn expression_value_depth(key: &str, levels: usize, layer: Layer) -> Result<(), ApiError> {
    let allowed = if layer == Layer::Older { NESTING_LEVELS_MAX + 1 } else { NESTING_LEVELS_MAX };
    if levels <= allowed {
        return Ok(());
    }
    if layer == Layer::Older || levels >= BARE_FROM_LEVELS {
        return Err(ApiError::validation(errors::named_value(errors::ATTRIBUTES_TOO_DEEP, key)));
    }
    Err(layer.refuse(errors::ATTRIBUTES_TOO_DEEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(json: &str) -> Attributes {
        wire::json::decode(json.as_bytes()).unwrap()
    }

    fn nested(levels: usize) -> String {
        format!("{{\"a\":{}{{\"S\":\"x\"}}{}}}", "{\"L\":[".repeat(levels), "]}".repeat(levels))
    }

    fn text(result: Result<(), ApiError>) -> String {
        result.err().and_then(|error| error.message).map(String::from).unwrap_or_default()
    }

    #[test]
    fn depth_counts_containers_around_a_leaf() {
        for (levels, layer, expected) in [
            (31, Layer::Enveloped, String::new()),
            (32, Layer::Enveloped, format!("1 validation error detected: {}", errors::ATTRIBUTES_TOO_DEEP)),
            (62, Layer::Enveloped, format!("1 validation error detected: {}", errors::ATTRIBUTES_TOO_DEEP)),
            (63, Layer::Enveloped, errors::ATTRIBUTES_TOO_DEEP.to_owned()),
            (32, Layer::Plain, errors::ATTRIBUTES_TOO_DEEP.to_owned()),
        ] {
            assert_eq!(text(item(&attributes(&nested(levels)), layer)), expected, "{levels}");
        }
    }

    #[test]
    fn faults_of_expression_values_by_layer() {
        const NAMED: &str = "ExpressionAttributeValues contains invalid value: ";
        let of = |json: &str, layer| {
            let value: AttributeValue = wire::json::decode(json.as_bytes()).unwrap();
            text(expression_value(":v", &value, layer))
        };
        assert_eq!(
            of("{\"N\":\"x\"}", Layer::Enveloped),
            "1 validation error detected: The parameter cannot be converted to a numeric value: x"
        );
        assert_eq!(
            of("{\"N\":\"x\"}", Layer::Older),
            format!("{NAMED}The parameter cannot be converted to a numeric value: x for key :v")
        );
        assert!(
            of("{\"SS\":[]}", Layer::Enveloped).starts_with(&format!("1 validation error detected: {NAMED}"))
        );
        assert!(of("{\"NULL\":false}", Layer::Older).starts_with(NAMED));
        assert!(of("{\"NULL\":false}", Layer::Plain).starts_with(errors::INVALID));
        assert!(of("{}", Layer::Enveloped).starts_with(NAMED));
        assert_eq!(of("{\"S\":\"\"}", Layer::Enveloped), "");
    }
}
