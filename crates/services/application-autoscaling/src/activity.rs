//! What was done to targets, or was not: an activity each, kept for six weeks.

use crate::target::{Place, SERVICE};
use model::application_autoscaling::{NotScaledReason, ScalingActivity};
use serde::{Deserialize, Serialize};
use store::records::RecordKey;

pub(crate) const KIND: &str = "activity";
/// How long they are kept.
pub(crate) const KEPT_MICROS: u64 = 42 * 86_400_000_000;

/// An activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Its number.
    pub id: String,
    /// What scaled.
    pub place: Place,
    /// What was to be done.
    pub description: String,
    /// Why.
    pub cause: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    Successful {
        /// In words.
        message: String,
    },
    /// It was refused.
    Failed {
        /// In words.
        message: String,
    },
    /// There was no need.
    NotScaled {
        /// The service's word for why.
        code: String,
        /// The bound that was reached.
        bound: i64,
        /// The capacity.
        current: i64,
    },
}

impl Activity {
    /// Capacity was changed, or was to be.
    pub fn setting(
        place: &Place,
        capacity: i64,
        cause: &str,
        outcome: Result<(), String>,
        at: (String, u64),
    ) -> Self {
        let what = format!("{} to {capacity}", place.dimension.words());
        let outcome = match outcome {
            Ok(()) => Outcome::Successful {
                message: format!("Successfully set {what}. Change successfully fulfilled by dynamodb."),
            },
            Err(why) => Outcome::Failed { message: format!("Failed to set {what}. Reason: {why}") },
        };
        let description = format!("Setting {what}.");
        Activity {
            id: at.0,
            place: place.clone(),
            description,
            cause: cause.to_owned(),
            at_micros: at.1,
            outcome,
        }
    }

    /// Nothing was changed.
    pub fn not_scaled(
        place: &Place,
        code: &str,
        bound: i64,
        current: i64,
        cause: &str,
        at: (String, u64),
    ) -> Self {
        let outcome = Outcome::NotScaled { code: code.to_owned(), bound, current };
        let description = "Attempting to scale due to alarm triggered".to_owned();
        Activity {
            id: at.0,
            place: place.clone(),
            description,
            cause: cause.to_owned(),
            at_micros: at.1,
            outcome,
        }
    }

    /// Newest first.
    pub(crate) fn key(&self, account: &str, region: &str) -> RecordKey {
        let id = format!("{:020}{}", u64::MAX - self.at_micros, self.id);
        RecordKey::new(SERVICE, KIND, account, region, &id)
    }

    /// As an answer shows it.
    pub(crate) fn shown(self) -> ScalingActivity {
        let at = crate::ops::seconds(self.at_micros);
        let (status, message, reasons) = match self.outcome {
            Outcome::Successful { message } => ("Successful", message, None),
            Outcome::Failed { message } => ("Failed", message, None),
            Outcome::NotScaled { code, bound, current } => {
                let is_maximum = code == "AlreadyAtMaxCapacity";
                let reason = NotScaledReason {
                    max_capacity: is_maximum.then_some(bound),
                    min_capacity: (!is_maximum).then_some(bound),
                    current_capacity: Some(current),
                    code: Some(code),
                };
                ("Unfulfilled", "The capacity stays as it is.".to_owned(), Some(vec![reason]))
            }
        };
        ScalingActivity {
            activity_id: Some(self.id),
            service_namespace: Some(crate::target::NAMESPACE.to_owned()),
            resource_id: Some(self.place.resource_id()),
            scalable_dimension: Some(self.place.dimension.name().to_owned()),
            description: Some(self.description),
            cause: Some(self.cause),
            start_time: at,
            end_time: at,
            status_code: Some(status.to_owned()),
            status_message: Some(message),
            details: None,
            not_scaled_reasons: reasons,
        }
    }
}
