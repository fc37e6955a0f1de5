//! Which items an export takes, and which of their attributes: FilterSpecification, as a request has it and as it is
//! kept.

use crate::checks::expression_parameters::{Aliases, Expressions, ParameterPresence, not_empty};
use crate::checks::{key_condition, key_paths};
use crate::errors::{self, Layer};
use engine::{Copied, Table};
use expr::{Condition, KeyCondition, Kind, Projection};
use model::ApiError;
use model::dynamodb::FilterSpecification;
use types::{Item, MapRef};

const LAYER: Layer = Layer::Plain;

/// A filter.
#[derive(Debug)]
pub struct Filter {
    key: Option<(Condition, KeyCondition)>,
    filter: Option<Condition>,
    projection: Option<Projection>,
}

/// What is exported of an item or change.
#[derive(Debug)]
pub(super) enum Taken {
    Item(Item),
    Change { time_micros: u64, key: Item, old: Option<Item>, new: Option<Item> },
}

impl Filter {
    /// By a request, as far as it can be judged without the table.
    ///
    /// # Errors
    /// As Query says it of the same expressions.
    pub fn of(mut asked: FilterSpecification) -> Result<Filter, ApiError> {
        let presence = ParameterPresence::new(LAYER)
            .expression(Kind::Projection, &asked.projection_expression)
            .expression(Kind::Filter, &asked.filter_expression)
            .expression(Kind::KeyCondition, &asked.key_condition_expression)
            .names(&asked.expression_attribute_names)
            .values(&asked.expression_attribute_values)
            .values_tail(": FilterExpression and KeyConditionExpression are null");
        presence.check_empty_names()?;
        presence.check_false_nulls()?;
        presence.check()?;
        let (names, values) =
            (asked.expression_attribute_names.take(), asked.expression_attribute_values.take());
        let aliases = Aliases::of(names, values);
        let mut expressions = Expressions::new(LAYER, &aliases);
        let key = asked.key_condition_expression.as_deref();
        not_empty(key, Kind::KeyCondition, LAYER)?;
        let filter = expressions.condition(asked.filter_expression.as_deref(), Kind::Filter)?;
        let projection = expressions.projection(asked.projection_expression.as_deref())?;
        let key = expressions.condition(key, Kind::KeyCondition)?;
        let of_key = key.as_ref().map(KeyCondition::from_condition).transpose();
        let of_key = of_key.map_err(|error| LAYER.refuse(error))?;
        expressions.check_unused()?;
        Ok(Filter { key: key.zip(of_key), filter, projection })
    }

    /// By what is kept of an export.
    pub(super) fn kept(json: &str) -> Option<Filter> {
        Filter::of(wire::json::decode(json.as_bytes()).ok()?).ok()
    }

    /// Refuses what does not go with the key of the table. Beside a key condition the filter has no key attributes.
    ///
    /// # Errors
    /// As Query says it.
    pub fn check(&self, table: &Table) -> Result<(), ApiError> {
        if let Some((_, key)) = &self.key {
            key_condition::bind(key, &table.key, LAYER)?;
            let own: Vec<_> = table.key.attributes().map(|attribute| attribute.name.as_str()).collect();
            if let Some(filter) = &self.filter {
                filter.check_filters_no_key(&own).map_err(errors::key_use)?;
            }
        }
        key_paths::check_filter(table, self.filter.as_ref())?;
        key_paths::check_projection(table, self.projection.as_ref())
    }

    /// What is exported. A change is taken by what the item became, or by what it was where it is gone; of one that
    /// came and went the key alone is known.
    pub(super) fn take(&self, copied: Copied<'_>) -> Option<Taken> {
        match copied {
            Copied::Item(item) => self.matches(item, item).then(|| Taken::Item(self.projected(item))),
            Copied::Change { time_micros, key, old, new } => {
                let image = new.or(old).unwrap_or(key);
                let projected = |image: Option<MapRef<'_>>| image.map(|image| self.projected(image));
                self.matches(key, image).then(|| Taken::Change {
                    time_micros,
                    key: key.to_item(),
                    old: projected(old),
                    new: projected(new),
                })
            }
        }
    }

    fn matches(&self, key: MapRef<'_>, image: MapRef<'_>) -> bool {
        self.key.as_ref().is_none_or(|(condition, _)| condition.matches(key))
            && self.filter.as_ref().is_none_or(|filter| filter.matches(image))
    }

    fn projected(&self, item: MapRef<'_>) -> Item {
        self.projection.as_ref().map_or_else(|| item.to_item(), |projection| projection.apply(item))
    }
}

impl Taken {
    pub(super) fn copied(&self) -> Copied<'_> {
        match self {
            Taken::Item(item) => Copied::Item(item.as_ref()),
            Taken::Change { time_micros, key, old, new } => Copied::Change {
                time_micros: *time_micros,
                key: key.as_ref(),
                old: old.as_ref().map(Item::as_ref),
                new: new.as_ref().map(Item::as_ref),
            },
        }
    }
}
