//! The parameters around expressions: that the two families do not mix, that the maps of names and values are
//! used and well-formed, and the expressions themselves up to what needs no table.

use crate::checks::attribute_values;
use crate::errors::{self, Layer};
use expr::parameters::{check_names, check_values};
use expr::{Condition, ExprError, Kind, ParameterError, Parameters, ParsedCondition, Projection, Usage};
use model::ApiError;
use std::collections::BTreeMap;
use stdx::limits::SUBSTITUTION_BYTES_MAX;
use types::ValueBuf;
use wire::attribute::AttributeValue;

type Names = Option<BTreeMap<String, String>>;
type Values = Option<BTreeMap<String, AttributeValue>>;

/// The parameters of a request, under the stage that checks which of them are given. Parameters are added
/// in DynamoDB's listing order: AttributesToGet, QueryFilter / ScanFilter / AttributeUpdates, Expected,
/// ConditionalOperator, KeyConditions; ProjectionExpression, FilterExpression, KeyConditionExpression,
/// UpdateExpression, ConditionExpression.
#[derive(Debug)]
pub struct ParameterPresence<'a> {
    layer: Layer,
    non_expression: Vec<&'static str>,
    expression: Vec<&'static str>,
    names: Option<&'a BTreeMap<String, String>>,
    values: Option<&'a BTreeMap<String, AttributeValue>>,
    values_tail: &'static str,
}

impl<'a> ParameterPresence<'a> {
    /// A request without any.
    pub fn new(layer: Layer) -> Self {
        ParameterPresence {
            layer,
            non_expression: vec![],
            expression: vec![],
            names: None,
            values: None,
            values_tail: "",
        }
    }

    /// A parameter of the family without expressions.
    pub fn non_expression<T>(mut self, name: &'static str, value: &Option<T>) -> Self {
        if value.is_some() {
            self.non_expression.push(name);
        }
        self
    }

    /// An expression.
    pub fn expression(mut self, kind: Kind, value: &Option<String>) -> Self {
        if value.is_some() {
            self.expression.push(kind.member());
        }
        self
    }

    /// ExpressionAttributeNames
    pub fn names(mut self, names: &'a Names) -> Self {
        self.names = names.as_ref();
        self
    }

    /// ExpressionAttributeValues
    pub fn values(mut self, values: &'a Values) -> Self {
        self.values = values.as_ref();
        self
    }

    /// What Query (`: FilterExpression and KeyConditionExpression are null`) and Scan (`: FilterExpression is
    /// null`) add when values are given and no expression can use them.
    pub fn values_tail(mut self, tail: &'static str) -> Self {
        self.values_tail = tail;
        self
    }

    /// No alias is for the empty name, and no value contains one. Judged before everything else about
    /// values.
    pub fn check_empty_names(&self) -> Result<(), ApiError> {
        if self.names.is_none() && self.values.is_none() {
            return Ok(());
        }
        let alias = self.names.into_iter().flatten().find(|(_, name)| name.is_empty());
        if let Some((alias, _)) = alias {
            return Err(self.layer.refuse(errors::empty_name_for_alias(alias)));
        }
        attribute_values::no_empty_name_in(self.values.into_iter().flat_map(BTreeMap::values), self.layer)
    }

    /// No value is a NULL that is false, where DynamoDB looks for that before the rest.
    pub fn check_false_nulls(&self) -> Result<(), ApiError> {
        let mut values = self.values.into_iter().flat_map(BTreeMap::values);
        values.try_for_each(|value| attribute_values::no_false_null(value.has_false_null, self.layer))
    }

    /// Families are not mixed, aliases have an expression, the maps are neither empty nor malformed, their values
    /// are well formed, and their contents are not too large.
    pub fn check(&self) -> Result<(), ApiError> {
        self.families_do_not_mix()?;
        if self.names.is_none() && self.values.is_none() {
            return Ok(());
        }
        self.aliases_have_an_expression()?;
        self.parameters_have_the_form_of_aliases()?;
        let mut values = self.values.into_iter().flatten();
        values.try_for_each(|(key, value)| attribute_values::expression_value(key, value, self.layer))?;
        self.substitutions_fit()
    }

    fn families_do_not_mix(&self) -> Result<(), ApiError> {
        if self.non_expression.is_empty() || self.expression.is_empty() {
            return Ok(());
        }
        Err(self.layer.refuse(errors::mixed_parameters(&self.non_expression, &self.expression)))
    }

    fn aliases_have_an_expression(&self) -> Result<(), ApiError> {
        let refuse = |member, tail| Err(self.layer.refuse(errors::only_with_expressions(member, tail)));
        if self.names.is_some() && self.expression.is_empty() {
            return refuse("ExpressionAttributeNames", "");
        }
        let can_use_values = self.expression.iter().any(|name| *name != Kind::Projection.member());
        if self.values.is_some() && !can_use_values {
            return refuse("ExpressionAttributeValues", self.values_tail);
        }
        Ok(())
    }

    fn substitutions_fit(&self) -> Result<(), ApiError> {
        let names = self.names.into_iter().flat_map(BTreeMap::values).map(String::len);
        let values = self.values.into_iter().flat_map(BTreeMap::values);
        let bytes: usize = names.chain(values.map(|value| value.value.as_ref().size_bytes())).sum();
        let fit = bytes <= SUBSTITUTION_BYTES_MAX;
        if fit { Ok(()) } else { Err(self.layer.refuse(errors::SUBSTITUTIONS_TOO_LARGE)) }
    }

    fn parameters_have_the_form_of_aliases(&self) -> Result<(), ApiError> {
        let checked = check_names(self.names).and_then(|()| check_values(self.values));
        checked.map_err(|error| parameter_error(&error, self.layer))
    }
}

/// The refusal of parameters. A key that is no alias is refused bare by every layer.
pub fn parameter_error(error: &ParameterError, layer: Layer) -> ApiError {
    match error {
        ParameterError::InvalidKey { .. } => ApiError::validation(error.to_string()),
        _ => layer.refuse(error),
    }
}

/// The aliases of a request, ready for its expressions.
#[derive(Debug, Default)]
pub struct Aliases {
    names: Names,
    values: Option<BTreeMap<String, ValueBuf>>,
}

impl Aliases {
    /// Takes the maps of a request whose values have been checked.
    pub fn of(names: Names, values: Values) -> Self {
        let values = values.map(|map| map.into_iter().map(|(key, value)| (key, value.value)).collect());
        Aliases { names, values }
    }

    /// In the form that expressions take.
    pub fn parameters(&self) -> Parameters<'_> {
        Parameters { names: self.names.as_ref(), values: self.values.as_ref() }
    }
}

/// The expressions of one request on their way from text to resolved form, so that each stage of an operation
/// is one call.
#[derive(Debug)]
pub struct Expressions<'a> {
    layer: Layer,
    aliases: &'a Aliases,
    usage: Usage,
}

impl<'a> Expressions<'a> {
    /// None resolved yet.
    pub fn new(layer: Layer, aliases: &'a Aliases) -> Self {
        Expressions { layer, aliases, usage: Usage::default() }
    }

    /// The stage of syntax: reads a condition or filter.
    pub fn parse<'t>(
        &self,
        text: Option<&'t str>,
        kind: Kind,
    ) -> Result<Option<ParsedCondition<'t>>, ApiError> {
        text.map(|text| expr::condition::parse(text, kind)).transpose().map_err(|error| self.refuse(error))
    }

    /// The stage of operands: their number, distinctness and types.
    pub fn check_operands(&self, parsed: Option<&ParsedCondition<'_>>) -> Result<(), ApiError> {
        let Some(parsed) = parsed else { return Ok(()) };
        parsed.check_statics(&self.aliases.parameters()).map_err(|error| self.refuse(error))
    }

    /// The stage of references where operands are judged after it.
    pub fn check_references(&mut self, parsed: Option<&ParsedCondition<'_>>) -> Result<(), ApiError> {
        let Some(parsed) = parsed else { return Ok(()) };
        let checked = parsed.check_references(&self.aliases.parameters(), &mut self.usage);
        checked.map_err(|error| self.refuse(error))
    }

    /// References and operands as one stage, then the condition.
    pub fn condition(&mut self, text: Option<&str>, kind: Kind) -> Result<Option<Condition>, ApiError> {
        self.parse(text, kind)?.map(|parsed| self.condition_of(&parsed)).transpose()
    }

    /// The same of one that has been read.
    pub fn condition_of(&mut self, parsed: &ParsedCondition<'_>) -> Result<Condition, ApiError> {
        let parameters = self.aliases.parameters();
        let checked = parsed.check_in_turn(&parameters, &mut self.usage);
        let resolved = checked.and_then(|()| parsed.resolve(&parameters, &mut self.usage));
        resolved.map_err(|error| self.refuse(error))
    }

    /// The stage of references.
    pub fn resolve(&mut self, parsed: Option<&ParsedCondition<'_>>) -> Result<Option<Condition>, ApiError> {
        let Some(parsed) = parsed else { return Ok(None) };
        let resolved = parsed.resolve(&self.aliases.parameters(), &mut self.usage);
        resolved.map(Some).map_err(|error| self.refuse(error))
    }

    /// Reads and resolves a projection.
    pub fn projection(&mut self, text: Option<&str>) -> Result<Option<Projection>, ApiError> {
        let Some(text) = text else { return Ok(None) };
        let parsed = expr::projection::parse(text).map_err(|error| self.refuse(error))?;
        let resolved = parsed.resolve(&self.aliases.parameters(), &mut self.usage);
        resolved.map(Some).map_err(|error| self.refuse(error))
    }

    /// Reads, resolves and judges an update, its targets included.
    pub fn update(&mut self, text: Option<&str>) -> Result<Option<expr::Update>, ApiError> {
        let Some(text) = text else { return Ok(None) };
        let refuse = |error| self.layer.refuse(error);
        let parameters = self.aliases.parameters();
        let parsed = expr::update::parse(text).map_err(refuse)?;
        let update = parsed.resolve(&parameters, &mut self.usage).map_err(refuse)?;
        Ok(Some(update))
    }

    /// The last stage: every name and value was used.
    pub fn check_unused(&self) -> Result<(), ApiError> {
        if self.aliases.names.is_none() && self.aliases.values.is_none() {
            return Ok(());
        }
        let unused = self.usage.check_unused(&self.aliases.parameters());
        unused.map_err(|error| parameter_error(&error, self.layer))
    }

    /// The refusal of an expression in the operation's form.
    pub fn refuse(&self, error: ExprError) -> ApiError {
        self.layer.refuse(error)
    }
}

/// An empty expression is refused before others are read.
pub fn not_empty(text: Option<&str>, kind: Kind, layer: Layer) -> Result<(), ApiError> {
    match text {
        Some("") => Err(layer.refuse(ExprError { kind, fault: expr::Fault::Empty })),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        names: Option<&str>,
        values: Option<&str>,
        expression: Option<&str>,
        legacy: bool,
        expected: &str,
    ) {
        let names: Names = names.map(|json| wire::json::decode(json.as_bytes()).unwrap());
        let values: Values = values.map(|json| wire::json::decode(json.as_bytes()).unwrap());
        let given = ParameterPresence::new(Layer::Plain)
            .non_expression("QueryFilter", &legacy.then_some(()))
            .expression(Kind::Filter, &expression.map(String::from))
            .names(&names)
            .values(&values)
            .values_tail(": FilterExpression is null");
        let found = given.check().err().and_then(|error| error.message);
        assert_eq!(found.as_deref().unwrap_or_default(), expected);
    }

    #[test]
    fn misuse_in_order() {
        let (name, value) = (Some(r##"{"#a":"a"}"##), Some(r#"{":a":{"S":"a"}}"#));
        check(name, value, Some("x"), false, "");
        check(
            name,
            value,
            Some("x"),
            true,
            "Can not use both expression and non-expression parameters in the same request: Non-expression \
             parameters: {QueryFilter} Expression parameters: {FilterExpression}",
        );
        check(
            name,
            value,
            None,
            false,
            "ExpressionAttributeNames can only be specified when using expressions",
        );
        check(
            None,
            value,
            None,
            false,
            "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null",
        );
        check(Some("{}"), Some("{}"), Some("x"), false, "ExpressionAttributeNames must not be empty");
        check(name, Some("{}"), Some("x"), false, "ExpressionAttributeValues must not be empty");
        for (bad, key) in [(r##"{"#":"a"}"##, "#"), (r##"{"#a-b":"a"}"##, "#a-b"), (r#"{"a":"a"}"#, "a")] {
            let text = format!("ExpressionAttributeNames contains invalid key: Syntax error; key: \"{key}\"");
            check(Some(bad), None, Some("x"), false, &text);
        }
        for (bad, key) in [(r#"{":":{"S":"a"}}"#, ":"), (r##"{"#a":{"S":"a"}}"##, "#a")] {
            let text =
                format!("ExpressionAttributeValues contains invalid key: Syntax error; key: \"{key}\"");
            check(None, Some(bad), Some("x"), false, &text);
        }
    }
}
