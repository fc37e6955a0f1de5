//! What a function's answer means for the batch that it was called with.

use crate::settings::Settings;
use serde_json::Value;

/// The state of a tumbling window: larger ends the window early.
pub const STATE_BYTES_MAX: usize = 1 << 20;

/// How a batch went.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// All of it is done.
    Done,
    /// Everything before this record, counted from 0, is done.
    DoneBefore(usize),
    /// Nothing is.
    Failed,
}

/// Reads the answer of a function that did not fail: the verdict, and the state that goes on to the window's next call.
/// `position` finds a record of the batch by its sequence number.
pub fn read(
    settings: &Settings,
    payload: &[u8],
    position: impl Fn(&str) -> Option<usize>,
) -> (Verdict, Option<String>) {
    let has_window = settings.tumbling_window_in_seconds > 0;
    if !settings.report_batch_item_failures && !has_window {
        return (Verdict::Done, None);
    }
    let Ok(answer) = serde_json::from_slice::<Value>(payload) else { return (Verdict::Failed, None) };
    let state = answer.get("state").filter(|state| state.is_object()).map(Value::to_string);
    if has_window && state.is_none() {
        return (Verdict::Failed, None); // the next call of the window would have nothing to go on with
    }
    let verdict =
        if settings.report_batch_item_failures { failures(&answer, position) } else { Verdict::Done };
    (verdict, state)
}

/// Nothing, and nothing in it, is success; an answer that cannot be understood fails the whole batch.
fn failures(answer: &Value, position: impl Fn(&str) -> Option<usize>) -> Verdict {
    let failures = match answer {
        Value::Null => return Verdict::Done,
        Value::String(text) if text.is_empty() => return Verdict::Done,
        Value::Array(list) if list.is_empty() => return Verdict::Done,
        Value::Object(answer) => match answer.get("batchItemFailures") {
            None | Some(Value::Null) => return Verdict::Done,
            Some(Value::Array(failures)) => failures,
            Some(_) => return Verdict::Failed,
        },
        _ => return Verdict::Failed,
    };
    let place = |failure: &Value| position(failure.get("itemIdentifier")?.as_str()?);
    match failures.iter().map(place).collect::<Option<Vec<_>>>() {
        Some(places) => places.into_iter().min().map_or(Verdict::Done, Verdict::DoneBefore),
        None => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(payload: &str) -> Verdict {
        let settings = Settings { report_batch_item_failures: true, ..Settings::default() };
        let position = |number: &str| ["10", "11", "12"].iter().position(|known| *known == number);
        read(&settings, payload.as_bytes(), position).0
    }

    #[test]
    fn empty_answers_are_success() {
        for payload in
            ["null", "{}", "[]", "\"\"", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#]
        {
            assert_eq!(verdict(payload), Verdict::Done, "{payload}");
        }
        assert_eq!(verdict(r#"{"statusCode":200}"#), Verdict::Done);
    }

    #[test]
    fn the_lowest_number_is_the_checkpoint() {
        let payload = r#"{"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"11"}]}"#;
        assert_eq!(verdict(payload), Verdict::DoneBefore(1));
        assert_eq!(verdict(r#"{"batchItemFailures":[{"itemIdentifier":"10"}]}"#), Verdict::DoneBefore(0));
    }

    #[test]
    fn what_is_not_understood_fails_the_whole_batch() {
        for failure in [
            r#"{"itemIdentifier":""}"#,
            r#"{"itemIdentifier":null}"#,
            r#"{"itemIdentifier":11}"#,
            r#"{"foo":"11"}"#,
            r#"{"itemIdentifier":"13"}"#,
            r#"{"itemIdentifier":"11"},{"itemIdentifier":"13"}"#,
            "\"11\"",
        ] {
            assert_eq!(
                verdict(&format!(r#"{{"batchItemFailures":[{failure}]}}"#)),
                Verdict::Failed,
                "{failure}"
            );
        }
        for payload in [r#"{"batchItemFailures":"11"}"#, "5", "\"done\"", "[1]", "not JSON"] {
            assert_eq!(verdict(payload), Verdict::Failed, "{payload}");
        }
    }

    #[test]
    fn without_the_setting_any_answer_is_success() {
        let read = |payload: &str| read(&Settings::default(), payload.as_bytes(), |_| None);
        assert_eq!(read(r#"{"batchItemFailures":[{"itemIdentifier":"11"}]}"#), (Verdict::Done, None));
        assert_eq!(read("not JSON"), (Verdict::Done, None));
    }

    #[test]
    fn a_window_needs_a_state() {
        let settings = Settings { tumbling_window_in_seconds: 60, ..Settings::default() };
        let read = |payload: &str| read(&settings, payload.as_bytes(), |_| None);
        assert_eq!(read(r#"{"state":{"n":1}}"#), (Verdict::Done, Some(r#"{"n":1}"#.to_owned())));
        for payload in ["{}", "null", r#"{"state":5}"#, r#"{"state":null}"#] {
            assert_eq!(read(payload), (Verdict::Failed, None), "{payload}");
        }
    }
}
