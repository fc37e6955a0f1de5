//! Aliases: names for published versions, perhaps of two, between which calls are divided.

use crate::errors;
use crate::function::Function;
use crate::name::{Arn, LATEST};
use model::ApiError;
use model::lambda::{AliasConfiguration, AliasRoutingConfiguration};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An alias.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Alias {
    /// `$LATEST` or a number.
    pub version: String,
    /// A text for people.
    #[serde(default)]
    pub description: String,
    /// Changes with every change.
    pub revision_id: String,
    /// A second version and the part of the calls, from 0 to 1, that it gets.
    #[serde(default)]
    pub additional: Option<(String, f64)>,
}

impl Alias {
    /// Gives an alias its version and its second one.
    pub(crate) fn set(
        &mut self,
        function: &Function,
        arn: &Arn,
        version: Option<&String>,
        routing: Option<&AliasRoutingConfiguration>,
    ) -> Result<(), ApiError> {
        if let Some(version) = version {
            function.check_number(arn, version)?;
            self.version.clone_from(version);
        }
        if let Some(routing) = routing {
            self.additional = additional(function, arn, routing.additional_version_weights.as_ref())?;
        }
        Ok(())
    }

    /// The version that a call gets, by a number from 0 to 1 that is drawn for it.
    pub(crate) fn version_for(&self, drawn: f64) -> &str {
        match &self.additional {
            Some((version, weight)) if drawn < *weight => version,
            _ => &self.version,
        }
    }

    /// Refuses a change of another revision than this one.
    pub(crate) fn check_revision(&self, given: Option<&str>) -> Result<(), ApiError> {
        match given.is_none_or(|given| given == self.revision_id) {
            true => Ok(()),
            false => Err(errors::other_revision()),
        }
    }

    /// As it is shown; the qualifier of `arn` is its name.
    pub(crate) fn configuration(&self, arn: &Arn) -> AliasConfiguration {
        let weights = self.additional.clone().map(|(version, weight)| BTreeMap::from([(version, weight)]));
        AliasConfiguration {
            alias_arn: Some(arn.to_string()),
            name: arn.qualifier.clone(),
            function_version: Some(self.version.clone()),
            description: Some(self.description.clone()),
            routing_config: weights
                .map(|weights| AliasRoutingConfiguration { additional_version_weights: Some(weights) }),
            revision_id: Some(self.revision_id.clone()),
        }
    }
}

fn additional(
    function: &Function,
    arn: &Arn,
    weights: Option<&BTreeMap<String, f64>>,
) -> Result<Option<(String, f64)>, ApiError> {
    let Some(weights) = weights.filter(|weights| !weights.is_empty()) else { return Ok(None) };
    let (Some((version, weight)), 1) = (weights.first_key_value(), weights.len()) else {
        return Err(errors::invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    };
    if version == LATEST || !(0.0..=1.0).contains(weight) {
        return Err(errors::invalid("An additional version is a number, and its weight is between 0 and 1"));
    }
    function.check_number(arn, version)?;
    Ok(Some((version.clone(), *weight)))
}
