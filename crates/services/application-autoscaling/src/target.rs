//! A scalable target: the capacity of a table or an index, between two bounds.

use crate::errors;
use crate::policy::Policy;
use crate::schedule::ScheduledAction;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::records::RecordKey;

pub(crate) const SERVICE: &str = "application-autoscaling";
pub(crate) const KIND: &str = "target";
/// The one namespace that is built.
pub(crate) const NAMESPACE: &str = "dynamodb";

/// What scales.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The table.
    pub table: String,
    /// The index, if it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Reads or writes.
    pub dimension: Dimension,
}

/// What of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dimension {
    TableRead,
    TableWrite,
    IndexRead,
    IndexWrite,
}

/// A target with everything that is its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What scales.
    pub place: Place,
    /// Its number in its ARN.
    pub id: String,
    /// The least capacity.
    pub minimum: i64,
    /// The most capacity.
    pub maximum: i64,
    /// When it was registered, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// What it does not do.
    pub suspended: Suspended,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Its policies.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// What it does at times.
    #[serde(default)]
    pub scheduled: Vec<ScheduledAction>,
    /// Why nothing was done last, so that it is told once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_scaled: Option<String>,
}

/// What a target does not do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// Policies do not decrease.
    pub scaling_in: bool,
    /// Policies do not increase.
    pub scaling_out: bool,
    /// Scheduled actions are passed over.
    pub scheduled: bool,
}

impl Dimension {
    const ALL: [Dimension; 4] =
        [Dimension::TableRead, Dimension::TableWrite, Dimension::IndexRead, Dimension::IndexWrite];

    /// The service's word.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::TableRead => "dynamodb:table:ReadCapacityUnits",
            Dimension::TableWrite => "dynamodb:table:WriteCapacityUnits",
            Dimension::IndexRead => "dynamodb:index:ReadCapacityUnits",
            Dimension::IndexWrite => "dynamodb:index:WriteCapacityUnits",
        }
    }

    /// Whether it is about reads.
    pub fn is_read(self) -> bool {
        matches!(self, Dimension::TableRead | Dimension::IndexRead)
    }

    /// In a sentence.
    pub fn words(self) -> &'static str {
        if self.is_read() { "read capacity units" } else { "write capacity units" }
    }
}

impl Place {
    /// What a request names.
    ///
    /// # Errors
    /// When it is not of DynamoDB, or resource and dimension do not fit.
    pub fn of(
        namespace: &Option<String>,
        resource: &Option<String>,
        dimension: &Option<String>,
    ) -> Result<Self, ApiError> {
        is_ours(namespace)?;
        let (resource, dimension) =
            (resource.as_deref().unwrap_or_default(), dimension.as_deref().unwrap_or_default());
        let named = Dimension::ALL.into_iter().find(|known| known.name() == dimension);
        let unfit = || {
            errors::validation(format!(
                "Unsupported service namespace, resource type or scalable dimension: {NAMESPACE}, {resource}, {dimension}"
            ))
        };
        let place = Place::parse(resource, named.ok_or_else(unfit)?);
        place.ok_or_else(unfit)
    }

    fn parse(resource: &str, dimension: Dimension) -> Option<Self> {
        let rest = resource.strip_prefix("table/")?;
        let is_of_index = matches!(dimension, Dimension::IndexRead | Dimension::IndexWrite);
        let (table, index) = match rest.split_once("/index/") {
            Some((table, index)) if is_of_index && !index.is_empty() => (table, Some(index.to_owned())),
            None if !is_of_index => (rest, None),
            _ => return None,
        };
        (!table.is_empty()).then(|| Place { table: table.to_owned(), index, dimension })
    }

    /// `table/T` or `table/T/index/I`.
    pub fn resource_id(&self) -> String {
        match &self.index {
            Some(index) => format!("table/{}/index/{index}", self.table),
            None => format!("table/{}", self.table),
        }
    }

    /// The key of the target's document.
    pub(crate) fn key(&self, account: &str, region: &str) -> RecordKey {
        let id = format!("{}|{}", self.resource_id(), self.dimension.name());
        RecordKey::new(SERVICE, KIND, account, region, &id)
    }
}

/// Only tables scale here.
///
/// # Errors
/// When the namespace is another service's.
pub(crate) fn is_ours(namespace: &Option<String>) -> Result<(), ApiError> {
    match namespace.as_deref() {
        Some(NAMESPACE) => Ok(()),
        other => {
            let text = format!(
                "Unsupported service namespace: {}; only {NAMESPACE} is built",
                other.unwrap_or_default()
            );
            Err(errors::validation(text))
        }
    }
}

impl Target {
    /// Its ARN.
    pub fn arn(&self, account: &str, region: &str) -> String {
        format!("arn:aws:application-autoscaling:{region}:{account}:scalable-target/{}", self.id)
    }

    /// A capacity within the bounds.
    pub fn bounded(&self, capacity: i64) -> i64 {
        capacity.min(self.maximum).max(self.minimum)
    }
}

/// The role that the service takes, whichever was given.
pub(crate) fn role_arn(account: &str) -> String {
    format!(
        "arn:aws:iam::{account}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_fit_their_dimensions() {
        let place = |resource: &str, dimension: &str| {
            let given = |text: &str| Some(text.to_owned());
            Place::of(&given(NAMESPACE), &given(resource), &given(dimension))
                .map(|place| place.resource_id())
                .ok()
        };
        for (resource, dimension, fits) in [
            ("table/t", "dynamodb:table:ReadCapacityUnits", true),
            ("table/t/index/i", "dynamodb:index:WriteCapacityUnits", true),
            ("table/t/index/i", "dynamodb:table:ReadCapacityUnits", false),
            ("table/t", "dynamodb:index:ReadCapacityUnits", false),
            ("t", "dynamodb:table:ReadCapacityUnits", false),
            ("table/", "dynamodb:table:ReadCapacityUnits", false),
            ("table/t", "ecs:service:DesiredCount", false),
        ] {
            assert_eq!(
                place(resource, dimension),
                fits.then(|| resource.to_owned()),
                "{resource} {dimension}"
            );
        }
    }
}
