//! What a function says about events: how often and for how long they are tried, and which function or bucket is told
//! how they ended. Kept by version or alias, as an event names one.

use crate::destinations;
use crate::errors;
use crate::name::{Arn, LATEST};
use model::ApiError;
use model::lambda::{DestinationConfig, FunctionEventInvokeConfig, OnFailure, OnSuccess};
use pipeline::Caller;
use serde::{Deserialize, Serialize};

/// Tries after the first, where nothing is said.
const RETRIES: u64 = 2;
/// How old an event may become, where nothing is said.
const AGE_SECONDS: u64 = 6 * 3_600;

/// What is said of the events of a version or alias.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventInvokeConfig {
    /// Tries after the first.
    #[serde(default)]
    pub maximum_retry_attempts: Option<u64>,
    /// How old an event may become.
    #[serde(default)]
    pub maximum_event_age_in_seconds: Option<u64>,
    /// The ARN of the function that is told of events that it has had.
    #[serde(default)]
    pub on_success: Option<String>,
    /// The ARN of the function or bucket that is told of events that were given up.
    #[serde(default)]
    pub on_failure: Option<String>,
    /// When it was changed last.
    pub modified_micros: u64,
}

/// What a request says; `None` leaves a member as it is.
#[derive(Debug, Clone)]
pub(crate) struct EventInvokeChange {
    pub(crate) maximum_retry_attempts: Option<i64>,
    pub(crate) maximum_event_age_in_seconds: Option<i64>,
    pub(crate) destinations: Option<DestinationConfig>,
}

/// Who is told.
#[derive(Debug)]
pub(crate) enum Target {
    Function(Arn),
    /// By its ARN.
    Bucket(String),
}

impl EventInvokeConfig {
    /// How often an event is tried behind the first call.
    pub(crate) fn retries(&self) -> u64 {
        self.maximum_retry_attempts.unwrap_or(RETRIES)
    }

    /// How old it may become, in microseconds.
    pub(crate) fn age_micros(&self) -> u64 {
        self.maximum_event_age_in_seconds.unwrap_or(AGE_SECONDS) * 1_000_000
    }

    /// As answers show it. Of what was not set, nothing is shown.
    pub(crate) fn shown(&self, arn: &Arn, qualifier: &str) -> FunctionEventInvokeConfig {
        FunctionEventInvokeConfig {
            last_modified: Some(self.modified_micros as f64 / 1e6),
            function_arn: Some(arn.qualified(qualifier).to_string()),
            maximum_retry_attempts: self.maximum_retry_attempts.map(|retries| retries as i64),
            maximum_event_age_in_seconds: self.maximum_event_age_in_seconds.map(|age| age as i64),
            destination_config: Some(DestinationConfig {
                on_success: Some(OnSuccess { destination: self.on_success.clone() }),
                on_failure: Some(OnFailure { destination: self.on_failure.clone() }),
            }),
        }
    }
}

impl EventInvokeChange {
    /// Refuses a request that says nothing.
    pub(crate) fn checked(self) -> Result<Self, ApiError> {
        let is_empty = self.maximum_retry_attempts.is_none()
            && self.maximum_event_age_in_seconds.is_none()
            && self.destinations.is_none();
        if is_empty { Err(errors::no_event_invoke_members()) } else { Ok(self) }
    }

    /// What it names as destinations. Successes are told to no bucket.
    pub(crate) fn targets(&self, caller: &Caller, function: &Arn) -> Result<Vec<Target>, ApiError> {
        let on_success = self.on_success().flatten().map(|arn| target_function(caller, function, &arn));
        let on_failure = self.on_failure().flatten().map(|arn| match destinations::bucket(&arn) {
            Some(_) => Ok(Target::Bucket(arn)),
            None => target_function(caller, function, &arn),
        });
        on_success.into_iter().chain(on_failure).collect()
    }

    /// The configuration with the change.
    pub(crate) fn applied(&self, old: EventInvokeConfig, now_micros: u64) -> EventInvokeConfig {
        let number = |new: Option<i64>, old: Option<u64>| new.map_or(old, |new| Some(new as u64));
        EventInvokeConfig {
            maximum_retry_attempts: number(self.maximum_retry_attempts, old.maximum_retry_attempts),
            maximum_event_age_in_seconds: number(
                self.maximum_event_age_in_seconds,
                old.maximum_event_age_in_seconds,
            ),
            on_success: self.on_success().unwrap_or(old.on_success),
            on_failure: self.on_failure().unwrap_or(old.on_failure),
            modified_micros: now_micros,
        }
    }

    fn on_success(&self) -> Option<Option<String>> {
        let given = self.destinations.as_ref()?.on_success.as_ref()?;
        Some(given.destination.clone().filter(|arn| !arn.is_empty()))
    }

    fn on_failure(&self) -> Option<Option<String>> {
        let given = self.destinations.as_ref()?.on_failure.as_ref()?;
        Some(given.destination.clone().filter(|arn| !arn.is_empty()))
    }
}

/// The function of a destination. The service takes queues, topics and event buses too, of which there are none here.
fn target_function(caller: &Caller, function: &Arn, text: &str) -> Result<Target, ApiError> {
    match text.split(':').nth(2) {
        Some("lambda") => {}
        Some(service @ ("sqs" | "sns" | "events")) => return Err(errors::no_destination(service, text)),
        _ => return Err(errors::unknown_destination(text)),
    }
    let arn = Arn::named(caller, text, None).map_err(|_| errors::unknown_destination(text))?;
    match arn.unqualified() == function.unqualified() {
        true => Err(errors::own_destination()),
        false => Ok(Target::Function(arn)),
    }
}

/// Under what the configuration of a qualifier is kept.
pub(crate) fn kept_under(qualifier: Option<&str>) -> &str {
    qualifier.unwrap_or(LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(on_failure: &str) -> EventInvokeChange {
        let on_failure = Some(OnFailure { destination: Some(on_failure.to_owned()) });
        EventInvokeChange {
            maximum_retry_attempts: None,
            maximum_event_age_in_seconds: Some(60),
            destinations: Some(DestinationConfig { on_success: None, on_failure }),
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let old = EventInvokeConfig {
            maximum_retry_attempts: Some(0),
            on_success: Some("a".to_owned()),
            on_failure: Some("b".to_owned()),
            ..EventInvokeConfig::default()
        };
        let new = change("").applied(old, 7);
        assert_eq!((new.retries(), new.age_micros(), new.modified_micros), (0, 60_000_000, 7));
        assert_eq!((new.on_success.as_deref(), new.on_failure), (Some("a"), None));
        let default = EventInvokeConfig::default();
        assert_eq!((default.retries(), default.age_micros()), (2, 21_600_000_000));
    }

    #[test]
    fn a_destination_is_a_bucket_or_another_function_of_the_caller() {
        let caller = Caller::of_key("123456789012", "eu-west-1");
        let function = Arn::of(&caller, "f");
        let text = |arn: &str| match change(arn).targets(&caller, &function) {
            Ok(targets) => format!("{:?}", targets[0]),
            Err(error) => error.message.unwrap_or_default().into_owned(),
        };
        assert!(text("arn:aws:lambda:eu-west-1:123456789012:function:g:live").starts_with("Function(Arn"));
        assert_eq!(text("arn:aws:s3:::bucket"), r#"Bucket("arn:aws:s3:::bucket")"#);
        assert!(text(&function.to_string()).contains("itself"));
        assert!(text("arn:aws:sqs:eu-west-1:123456789012:q").contains("no SQS"));
        let elsewhere = "arn:aws:lambda:us-east-1:123456789012:function:g";
        assert_eq!(text(elsewhere), format!("The destination ARN {elsewhere} is invalid."));
    }
}
