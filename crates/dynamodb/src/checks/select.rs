//! Select: which attributes Query and Scan return, and whether what is read holds them.

use crate::checks::members::{SELECT, outside};
use crate::checks::range_source::Source;
use crate::errors;
use engine::Attributes;
use expr::{Condition, Projection};
use model::ApiError;
use std::collections::BTreeSet;

/// Select is one of its values.
pub fn check_value(select: &Option<String>) -> Result<(), ApiError> {
    outside("select", select, SELECT).map_or(Ok(()), |text| Err(errors::enveloped(text)))
}

/// The parameters Select has to agree with.
#[derive(Debug, Clone, Copy)]
pub struct SelectParameters<'a> {
    /// Select
    pub select: Option<&'a str>,
    /// AttributesToGet is given.
    pub attributes_to_get: bool,
    /// ProjectionExpression is given.
    pub projection: bool,
    /// IndexName is given.
    pub index: bool,
}

impl SelectParameters<'_> {
    /// A projection for SPECIFIC_ATTRIBUTES and for nothing else; an index for ALL_PROJECTED_ATTRIBUTES.
    pub fn check(self) -> Result<(), ApiError> {
        let text = match (self.select, self.projected_by()) {
            (None, _) | (Some("SPECIFIC_ATTRIBUTES"), Some(_)) => return Ok(()),
            (Some("SPECIFIC_ATTRIBUTES"), None) => errors::NOTHING_SELECTED.to_owned(),
            (Some(select), Some(member)) => errors::selected_twice(member, select),
            (Some("ALL_PROJECTED_ATTRIBUTES"), None) if !self.index => {
                errors::NO_INDEX_TO_SELECT_FROM.to_owned()
            }
            (Some(_), None) => return Ok(()),
        };
        Err(errors::enveloped(text))
    }

    fn projected_by(self) -> Option<&'static str> {
        match self {
            SelectParameters { attributes_to_get: true, .. } => Some("AttributesToGet"),
            SelectParameters { projection: true, .. } => Some("ProjectionExpression"),
            _ => None,
        }
    }
}

/// Select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// Not given: what a projection names, or else all there is in what is read.
    Implied,
    /// ALL_ATTRIBUTES
    All,
    /// ALL_PROJECTED_ATTRIBUTES
    Projected,
    /// SPECIFIC_ATTRIBUTES
    Specific,
    /// COUNT
    Count,
}

impl Select {
    /// From Select, already checked.
    pub fn of(value: Option<&str>) -> Self {
        match value {
            Some("ALL_ATTRIBUTES") => Select::All,
            Some("ALL_PROJECTED_ATTRIBUTES") => Select::Projected,
            Some("SPECIFIC_ATTRIBUTES") => Select::Specific,
            Some("COUNT") => Select::Count,
            _ => Select::Implied,
        }
    }

    /// The value of Select, given or implied.
    pub fn name(self, has_projection: bool, reads_index: bool) -> &'static str {
        match self {
            Select::All => "ALL_ATTRIBUTES",
            Select::Projected => "ALL_PROJECTED_ATTRIBUTES",
            Select::Specific => "SPECIFIC_ATTRIBUTES",
            Select::Count => "COUNT",
            Select::Implied if has_projection => "SPECIFIC_ATTRIBUTES",
            Select::Implied if reads_index => "ALL_PROJECTED_ATTRIBUTES",
            Select::Implied => "ALL_ATTRIBUTES",
        }
    }
}

/// What is returned of the items that pass, in terms of the request that selects it.
#[derive(Debug)]
pub struct Selection {
    /// Select
    pub select: Select,
    /// ProjectionExpression, or what AttributesToGet makes.
    pub projection: Option<Projection>,
    /// FilterExpression, or what QueryFilter or ScanFilter makes.
    pub filter: Option<Condition>,
}

impl Selection {
    /// In the engine's form: whether base items are fetched.
    pub fn attributes<'a>(&'a self, source: &Source<'a>, fetch: bool) -> Attributes<'a> {
        match (self.select, &self.projection, source.index()) {
            (Select::Count, ..) => Attributes::Count,
            (_, Some(projection), _) => Attributes::Some(projection),
            (_, None, Some(index)) if !self.wants_all() && fetch => {
                Attributes::Projected(source.table, index)
            }
            _ => Attributes::All,
        }
    }

    /// Whether items are only counted.
    pub fn counts_only(&self) -> bool {
        self.select == Select::Count
    }

    /// A global index must hold all that is selected: nothing is fetched for it.
    pub fn check_projected(&self, source: &Source<'_>) -> Result<(), ApiError> {
        let Some(index) = source.global_index() else { return Ok(()) };
        if self.wants_all() && index.projected != engine::Projected::All {
            return Err(errors::not_all_projected(&index.name));
        }
        let missing = self.unprojected(source);
        if !missing.is_empty() {
            return Err(errors::not_projected(&index.name, &missing));
        }
        Ok(())
    }

    /// An index of either kind must hold all that a Query filters by: nothing is fetched for a filter. A Scan takes
    /// what is not there for absent.
    pub fn check_filter_projected(&self, source: &Source<'_>) -> Result<(), ApiError> {
        match (source.index(), self.unprojected_in_filter(source)) {
            (Some(index), missing) if !missing.is_empty() => {
                Err(errors::filter_not_projected(&index.name, &missing))
            }
            _ => Ok(()),
        }
    }

    /// Whether base items must be fetched for what a local index does not hold.
    pub fn needs_fetch(&self, source: &Source<'_>) -> bool {
        let Some(index) = source.index() else { return false };
        (self.wants_all() && index.projected != engine::Projected::All)
            || !self.unprojected(source).is_empty()
    }

    fn wants_all(&self) -> bool {
        self.select == Select::All
    }

    fn unprojected(&self, source: &Source<'_>) -> Vec<&str> {
        let names = self.projection.iter().flat_map(Projection::top_level_names);
        names.filter(|name| !holds(source, name)).collect()
    }

    fn unprojected_in_filter(&self, source: &Source<'_>) -> Vec<&str> {
        let mut names = BTreeSet::new();
        if let Some(filter) = &self.filter {
            filter.visit_paths(&mut |path| {
                names.insert(path.top_level_name());
            });
        }
        names.into_iter().filter(|name| !holds(source, name)).collect()
    }
}

fn holds(source: &Source<'_>, attribute: &str) -> bool {
    source.index().is_none_or(|index| source.table.projects(index, attribute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn select_agrees_with_what_else_is_given() {
        for (select, attributes_to_get, projection, index, expected) in [
            (None, false, true, false, ""),
            (Some("SPECIFIC_ATTRIBUTES"), true, false, false, ""),
            (Some("SPECIFIC_ATTRIBUTES"), false, false, false, errors::NOTHING_SELECTED),
            (Some("COUNT"), false, false, false, ""),
            (
                Some("COUNT"),
                false,
                true,
                false,
                "Cannot specify the ProjectionExpression when choosing to get only the Count",
            ),
            (
                Some("ALL_ATTRIBUTES"),
                true,
                false,
                true,
                "Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES",
            ),
            (Some("ALL_PROJECTED_ATTRIBUTES"), false, false, false, errors::NO_INDEX_TO_SELECT_FROM),
            (Some("ALL_PROJECTED_ATTRIBUTES"), false, false, true, ""),
        ] {
            let found = SelectParameters { select, attributes_to_get, projection, index }.check().err();
            let text = found.and_then(|error| error.message).map(String::from).unwrap_or_default();
            assert_eq!(text.trim_start_matches("1 validation error detected: "), expected, "{select:?}");
        }
    }
}
