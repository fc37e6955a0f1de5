//! What a lane does, step by step.

use super::*;
use crate::report::{Condition, LastResponse};
use crate::source::SourceKind;
use serde_json::{Value, json};

/// A lane that is told what happens, at a time that the test moves.
struct Run {
    lane: Lane,
    now: u64,
    told: Vec<Report>,
}

fn place(n: u128) -> Place {
    Place { position: n, index: 0 }
}

fn source() -> EventSource {
    EventSource { arn: "arn:s".to_owned(), shard_id: "shard".to_owned(), kind: SourceKind::DynamoDb }
}

const SECOND: u64 = 1_000_000;
/// A multiple of every window used here.
const START: u64 = 1_796_000_400 * SECOND;

impl Run {
    fn new(settings: Settings) -> Run {
        let lane = Lane::new(settings, source(), Progress::behind(place(0)));
        Run { lane, now: START, told: Vec::new() }
    }

    fn read(&mut self, numbers: std::ops::RangeInclusive<u128>) {
        let records = numbers.clone().map(|n| Record {
            place: place(n),
            sequence_number: n.to_string(),
            arrived_micros: self.now,
            json: n.to_string().into_bytes(),
        });
        let records: Vec<_> = records.collect();
        let page = Page { seen: records.len(), records, read_to: place(*numbers.end()), ..Page::default() };
        self.lane.read(self.now, page);
    }

    fn end(&mut self) {
        let page = Page { read_to: self.lane.read_to, is_end: true, ..Page::default() };
        self.lane.read(self.now, page);
    }

    /// The next step that is neither telling nor saving nor waiting.
    fn step(&mut self) -> Step {
        loop {
            match self.lane.next(self.now) {
                Step::Tell(report) => {
                    self.told.push(report);
                    self.lane.told();
                }
                Step::Save => self.lane.saved(),
                Step::Wait(until) => self.now = until,
                step => return step,
            }
        }
    }

    /// The records of the next call.
    fn call(&mut self) -> Vec<u64> {
        let event = self.event();
        event["Records"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
    }

    fn event(&mut self) -> Value {
        match self.step() {
            Step::Invoke(event) => serde_json::from_slice(&event.payload).unwrap(),
            step => panic!("{step:?} is no call"),
        }
    }

    fn wanted(&mut self) -> Wanted {
        match self.step() {
            Step::Read(wanted) => wanted,
            step => panic!("{step:?} reads nothing"),
        }
    }

    fn returns(&mut self, payload: &Value) {
        let answer = Answer::Ran { payload: payload.to_string().into_bytes(), response: response(None) };
        self.lane.answered(self.now, answer);
    }

    fn fails(&mut self) {
        let answer = Answer::Ran { payload: b"{}".to_vec(), response: response(Some("Unhandled")) };
        self.lane.answered(self.now, answer);
    }
}

fn response(error: Option<&str>) -> LastResponse {
    LastResponse {
        function_error: error.map(str::to_owned),
        executed_version: "$LATEST".to_owned(),
        request_id: "r".to_owned(),
    }
}

#[test]
fn a_batch_closes_at_its_size() {
    let mut run = Run::new(Settings { batch_size: 2, ..Settings::default() });
    run.read(1..=5);
    for expected in [&[1, 2][..], &[3, 4], &[5]] {
        assert_eq!(run.call(), expected);
        run.returns(&Value::Null);
    }
    assert_eq!((run.wanted().after, run.lane.progress().after), (place(5), place(5)));
}

#[test]
fn a_batch_that_is_not_full_waits_for_its_window() {
    let mut run = Run::new(Settings { maximum_batching_window_in_seconds: 5, ..Settings::default() });
    run.read(1..=1);
    let wanted = run.wanted();
    assert_eq!((wanted.records_max, wanted.until_micros), (99, Some(START + 5 * SECOND)));
    run.now += 4 * SECOND;
    run.read(2..=2);
    assert_eq!(run.wanted().until_micros, Some(START + 5 * SECOND), "counted from the first record");
    run.now += SECOND;
    assert_eq!(run.call(), [1, 2]);
}

#[test]
fn a_batch_closes_before_six_megabytes() {
    let mut run = Run::new(Settings::default());
    let record = |n: u128, bytes| Record {
        place: place(n),
        sequence_number: n.to_string(),
        arrived_micros: START,
        json: vec![b'1'; bytes],
    };
    let records = vec![record(1, 4 << 20), record(2, (2 << 20) - 1_026), record(3, 7 << 20), record(4, 1)];
    run.lane.read(START, Page { seen: 4, records, read_to: place(4), ..Page::default() });
    for expected in [2, 1, 1] {
        let Step::Invoke(event) = run.step() else { panic!("no call") };
        assert_eq!(event.records, expected);
        run.returns(&Value::Null);
    }
}

#[test]
fn a_batch_that_fails_is_tried_again_and_given_up_at_last() {
    let mut run =
        Run::new(Settings { maximum_retry_attempts: Some(2), batch_size: 2, ..Settings::default() });
    run.read(1..=3);
    let mut times = Vec::new();
    for _ in 0..3 {
        assert_eq!(run.call(), [1, 2]);
        times.push(run.now);
        run.fails();
    }
    assert_eq!(run.call(), [3]);
    assert_eq!([times[1] - times[0], times[2] - times[1]], [BACKOFF_MICROS, 2 * BACKOFF_MICROS]);
    let [report] = &run.told[..] else { panic!("{:?}", run.told) };
    assert_eq!(
        (report.condition, report.invocations, report.batch_size),
        (Condition::RetryAttemptsExhausted, 3, 2)
    );
    assert_eq!(report.last.as_ref().unwrap().sequence_number, "2");
    assert_eq!(report.response, Some(response(Some("Unhandled"))));
}

#[test]
fn calls_that_did_not_run_are_no_attempts() {
    let mut run = Run::new(Settings { maximum_retry_attempts: Some(0), ..Settings::default() });
    run.read(1..=1);
    for _ in 0..5 {
        assert_eq!(run.call(), [1]);
        run.lane.answered(run.now, Answer::DidNotRun);
    }
    assert_eq!(run.call(), [1]);
    run.fails();
    assert!(matches!(run.step(), Step::Read(_)) && run.told.len() == 1);
}

#[test]
fn a_batch_is_split_until_the_poison_is_alone() {
    let settings = Settings {
        bisect_batch_on_function_error: true,
        maximum_retry_attempts: Some(1),
        ..Settings::default()
    };
    let mut run = Run::new(settings);
    run.read(1..=5);
    let mut calls = Vec::new();
    while let Step::Invoke(event) = run.step() {
        let event: Value = serde_json::from_slice(&event.payload).unwrap();
        let records = event["Records"].to_string();
        if records.contains('4') {
            run.fails()
        } else {
            run.returns(&Value::Null)
        }
        calls.push(records);
    }
    assert_eq!(calls, ["[1,2,3,4,5]", "[1,2]", "[3,4,5]", "[3]", "[4,5]", "[4]", "[4]", "[5]"]);
    assert_eq!((run.told.len(), run.told[0].invocations, run.told[0].batch_size), (1, 2, 1));
}

#[test]
fn the_function_says_from_where_to_go_on() {
    let settings = Settings {
        report_batch_item_failures: true,
        bisect_batch_on_function_error: true,
        maximum_retry_attempts: Some(1),
        ..Settings::default()
    };
    let mut run = Run::new(settings);
    let failed = |n: u32| json!({"batchItemFailures": [{"itemIdentifier": n.to_string()}]});
    run.read(1..=4);
    assert_eq!(run.call(), [1, 2, 3, 4]);
    run.returns(&failed(3));
    assert_eq!((run.call(), run.lane.progress().after), (vec![3, 4], place(2)));
    run.returns(&failed(4));
    assert!(matches!(run.step(), Step::Read(_)), "the counter goes on");
    assert_eq!((run.told[0].invocations, run.told[0].batch_size), (2, 1));
    assert_eq!(run.told[0].response, Some(response(None)));
    run.read(5..=6);
    assert_eq!(run.call(), [5, 6]);
    run.returns(&failed(99));
    assert_eq!(run.call(), [5], "an answer that is not understood fails the whole batch, which is split");
}

#[test]
fn records_that_are_too_old_are_given_up_without_a_call() {
    let mut run = Run::new(Settings { maximum_record_age_in_seconds: Some(60), ..Settings::default() });
    run.read(1..=2);
    run.now += 30 * SECOND;
    run.read(3..=3);
    assert_eq!(run.call(), [1, 2, 3]);
    run.fails();
    run.now = START + 61 * SECOND;
    assert_eq!(run.call(), [3]);
    assert_eq!((run.told[0].condition, run.told[0].batch_size), (Condition::RecordAgeExceeded, 2));
    assert_eq!(run.told[0].records, br#"{"Records":[1,2]}"#);
    assert_eq!((run.told[0].invocations, &run.told[0].response), (1, &None));
    run.now += 24 * 3_600 * SECOND;
    assert!(matches!(run.step(), Step::Read(_)), "and so are those that the stream keeps no longer");
}

#[test]
fn records_that_filters_left_out_move_the_place_on() {
    let mut run = Run::new(Settings::default());
    let page = |seen, to| Page { seen, read_to: place(to), ..Page::default() };
    run.lane.read(run.now, page(10, 10));
    assert_eq!(
        (run.lane.next(run.now), run.lane.progress().after),
        (Step::Read(run.lane.wanted()), place(10))
    );
    run.lane.read(run.now, page(2_000, 2_010));
    assert_eq!(run.lane.next(run.now), Step::Save, "so many are worth a write");
}

#[test]
fn a_shard_ends_behind_its_last_record() {
    let mut run = Run::new(Settings { maximum_batching_window_in_seconds: 300, ..Settings::default() });
    run.read(1..=2);
    run.end();
    assert_eq!(run.call(), [1, 2]);
    run.returns(&Value::Null);
    assert_eq!(run.step(), Step::Ended);
    assert!(run.lane.progress().ended);
}

#[test]
fn a_lane_that_begins_again_goes_on_with_its_pieces() {
    let settings = Settings {
        bisect_batch_on_function_error: true,
        maximum_retry_attempts: Some(1),
        ..Settings::default()
    };
    let mut run = Run::new(settings.clone());
    run.read(1..=4);
    assert_eq!(run.call(), [1, 2, 3, 4]);
    run.fails();
    assert_eq!(run.call(), [1, 2]);
    run.returns(&Value::Null);
    assert_eq!(run.call(), [3, 4]);
    let json = serde_json::to_string(run.lane.progress()).unwrap();
    let mut again = Run::new(settings);
    again.lane.progress = serde_json::from_str(&json).unwrap();
    again.lane.read_to = again.lane.progress.after;
    assert_eq!(again.wanted().after, place(2));
    again.read(3..=6);
    assert_eq!(again.call(), [3, 4]);
}

fn tumbling() -> Run {
    Run::new(Settings { tumbling_window_in_seconds: 60, batch_size: 2, ..Settings::default() })
}

#[test]
fn a_window_hands_its_state_from_call_to_call() {
    let mut run = tumbling();
    run.read(1..=3);
    let event = run.event();
    assert_eq!((&event["Records"], &event["state"]), (&json!([1, 2]), &json!({})));
    assert_eq!(event["window"], json!({"start": "2026-11-30T01:00:00Z", "end": "2026-11-30T01:01:00Z"}));
    assert_eq!((&event["shardId"], &event["eventSourceARN"]), (&json!("shard"), &json!("arn:s")));
    assert_eq!(
        (&event["isFinalInvokeForWindow"], &event["isWindowTerminatedEarly"]),
        (&json!(false), &json!(false))
    );
    run.returns(&json!({"state": {"n": 2}}));
    let event = run.event();
    assert_eq!((&event["Records"], &event["state"]), (&json!([3]), &json!({"n": 2})));
    run.returns(&json!({"statusCode": 200}));
    assert_eq!(run.event()["state"], json!({"n": 2}), "an answer without a state is a failure");
    run.returns(&json!({"state": {"n": 3}}));
    assert_eq!(run.wanted().until_micros, Some(START + 60 * SECOND + 500_000));
    run.now = START + 61 * SECOND;
    run.read(4..=4);
    let event = run.event();
    assert_eq!((&event["Records"], &event["state"]), (&json!([]), &json!({"n": 3})));
    assert_eq!(
        (&event["isFinalInvokeForWindow"], &event["isWindowTerminatedEarly"]),
        (&json!(true), &json!(false))
    );
    run.returns(&Value::Null);
    let event = run.event();
    assert_eq!((&event["Records"], &event["state"]), (&json!([4]), &json!({})));
}

#[test]
fn a_window_ends_when_time_has_passed_and_nothing_more_was_read() {
    let mut run = tumbling();
    run.read(1..=1);
    run.call();
    run.returns(&json!({"state": {"n": 1}}));
    run.now = START + 61 * SECOND;
    assert!(matches!(run.step(), Step::Read(_)), "there may be records that were not read yet");
    run.lane.read(run.now, Page { read_to: place(1), is_caught_up: true, ..Page::default() });
    assert_eq!(run.event()["isFinalInvokeForWindow"], json!(true));
}

#[test]
fn a_state_that_is_too_large_ends_its_window_early() {
    let mut run = tumbling();
    run.read(1..=3);
    run.call();
    run.returns(&json!({"state": {"n": "x".repeat(1 << 20)}}));
    let event = run.event();
    assert_eq!((&event["Records"], &event["isWindowTerminatedEarly"]), (&json!([]), &json!(true)));
    run.returns(&Value::Null);
    let event = run.event();
    assert_eq!((&event["Records"], &event["state"]), (&json!([3]), &json!({})));
}
