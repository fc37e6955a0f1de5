//! What becomes of an event after a call, and what its destination is told.

use super::Waiting;
use crate::event_invoke::EventInvokeConfig;
use crate::execution::Invoked;
use crate::name::{Arn, LATEST};
use model::ApiError;
use serde_json::{Value, json};

/// The wait behind the first failure; behind the second it is twice as long.
const RETRY_AFTER_MICROS: u64 = 60_000_000;

/// What becomes of an event.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its function has had it.
    Done,
    /// It is tried again.
    Again(Waiting),
    /// It is given up.
    GivenUp(Why),
}

/// Why an event is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    RetriesExhausted,
    EventAgeExceeded,
    /// The function cannot be called: it is gone, or will not take the event.
    Refused,
}

impl Why {
    /// What the destination is told; `None` where it is told nothing, as there is no function that has one.
    fn condition(self) -> Option<&'static str> {
        match self {
            Why::RetriesExhausted => Some("RetriesExhausted"),
            Why::EventAgeExceeded => Some("EventAgeExceeded"),
            Why::Refused => None,
        }
    }
}

/// What becomes of an event that was called with. A call that found no room is no failure of the function.
pub(super) fn outcome(
    event: &Waiting,
    config: &EventInvokeConfig,
    called: &Result<Invoked, ApiError>,
    now_micros: u64,
) -> Outcome {
    let failures = match called {
        Ok(invoked) if invoked.function_error.is_none() => return Outcome::Done,
        Ok(_) => event.failures + 1,
        Err(error) if error.code.status() == 429 || error.code.status() >= 500 => event.failures,
        Err(_) => return Outcome::GivenUp(Why::Refused),
    };
    let due_micros = now_micros + RETRY_AFTER_MICROS * failures.max(1);
    if failures > config.retries() {
        Outcome::GivenUp(Why::RetriesExhausted)
    } else if due_micros > event.sent_micros + config.age_micros() {
        Outcome::GivenUp(Why::EventAgeExceeded)
    } else {
        Outcome::Again(Waiting { failures, due_micros, ..event.clone() })
    }
}

/// Who is told of an outcome, and what.
pub(super) fn told(
    outcome: &Outcome,
    (event, arn, config): (&Waiting, &Arn, &EventInvokeConfig),
    called: &Result<Invoked, ApiError>,
    now_micros: u64,
) -> Option<(String, Value)> {
    let (destination, condition) = match outcome {
        Outcome::Done => (&config.on_success, "Success"),
        Outcome::GivenUp(why) => (&config.on_failure, why.condition()?),
        Outcome::Again(_) => return None,
    };
    let destination = destination.clone()?;
    let qualified = arn.qualified(arn.qualifier.as_deref().unwrap_or(LATEST));
    let calls = event.failures + u64::from(called.is_ok());
    let mut document = json!({
        "version": "1.0",
        "timestamp": timestamp(now_micros),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": qualified.to_string(),
            "condition": condition,
            "approximateInvokeCount": calls,
        },
        "requestPayload": json_of(event.payload.as_bytes()),
    });
    if let Ok(invoked) = called {
        let mut context = json!({ "statusCode": 200, "executedVersion": invoked.executed_version });
        if let Some(error) = invoked.function_error {
            context["functionError"] = error.into();
        }
        document["responseContext"] = context;
        document["responsePayload"] = json_of(&invoked.payload);
    }
    Some((destination, document))
}

/// Payloads were checked to be JSON when they came.
fn json_of(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).unwrap_or_default()
}

fn timestamp(micros: u64) -> String {
    let (date, time) = crate::describe::date_and_time(micros);
    format!("{date}T{time}.{:03}Z", micros / 1_000 % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const MINUTE: u64 = 60_000_000;

    fn event(failures: u64) -> Waiting {
        Waiting {
            request_id: "r".to_owned(),
            payload: r#"{"n":1}"#.to_owned(),
            failures,
            ..Waiting::default()
        }
    }

    fn invoked(function_error: Option<&'static str>) -> Result<Invoked, ApiError> {
        let answer = Invoked::without_answer(200, "3".to_owned());
        Ok(Invoked { function_error, payload: Bytes::from_static(b"[7]"), ..answer })
    }

    fn config(retries: u64, on_failure: &str) -> EventInvokeConfig {
        EventInvokeConfig {
            maximum_retry_attempts: Some(retries),
            on_failure: Some(on_failure.to_owned()),
            ..EventInvokeConfig::default()
        }
    }

    #[test]
    fn failures_are_repeated_after_one_and_two_minutes() {
        let config = EventInvokeConfig::default();
        let due = |failures| match outcome(&event(failures), &config, &invoked(Some("Unhandled")), 0) {
            Outcome::Again(again) => Some((again.failures, again.due_micros)),
            _ => None,
        };
        assert_eq!([due(0), due(1), due(2)], [Some((1, MINUTE)), Some((2, 2 * MINUTE)), None]);
    }

    #[test]
    fn an_event_that_finds_no_room_becomes_too_old() {
        let (config, none) = (EventInvokeConfig::default(), Err(crate::errors::throttled()));
        assert!(
            matches!(outcome(&event(2), &config, &none, 0), Outcome::Again(again) if again.failures == 2)
        );
        let late = outcome(&event(0), &config, &none, 6 * 60 * MINUTE);
        assert!(matches!(late, Outcome::GivenUp(Why::EventAgeExceeded)), "{late:?}");
    }

    #[test]
    fn a_destination_is_told_of_request_and_answer() {
        let arn = Arn { region: "r".into(), account: "1".into(), name: "f".into(), qualifier: None };
        let (event, config) = (event(1), config(1, "arn:g"));
        let failed = invoked(Some("Unhandled"));
        let given_up = outcome(&event, &config, &failed, 1_796_000_002_034_567);
        let told = told(&given_up, (&event, &arn, &config), &failed, 1_796_000_002_034_567);
        let expected = json!({
            "version": "1.0",
            "timestamp": "2026-11-30T00:53:22.034Z",
            "requestContext": {"requestId": "r", "functionArn": "arn:aws:lambda:r:1:function:f:$LATEST",
                "condition": "RetriesExhausted", "approximateInvokeCount": 2},
            "requestPayload": {"n": 1},
            "responseContext": {"statusCode": 200, "executedVersion": "3", "functionError": "Unhandled"},
            "responsePayload": [7],
        });
        assert_eq!(told, Some(("arn:g".to_owned(), expected)));
    }

    #[test]
    fn nobody_is_told_who_was_not_named() {
        let arn = Arn { region: "r".into(), account: "1".into(), name: "f".into(), qualifier: None };
        let (event, config, done) = (event(0), config(0, "arn:g"), invoked(None));
        assert!(told(&Outcome::Done, (&event, &arn, &config), &done, 0).is_none());
    }
}
