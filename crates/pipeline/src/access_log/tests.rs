use super::*;
use model::code;
use std::fmt;
use stdx::{ManualClock, Random};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps the lines at level ERROR: the code, and how many lines were left out.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Line>>>);

#[derive(Debug, Default, PartialEq)]
struct Line(String, Option<u64>);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "code" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "left_out" {
            self.1 = Some(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().push(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn each_internal_error_is_written_once_a_second() {
    let clock = Arc::new(ManualClock::at(5_000_000));
    let log = AccessLog::new(clock.clone());
    let id = RequestId::draw(&Random::from_seed(1));
    let request = Request::call("Echo_1.Echo", "{}".to_owned());
    let lines = Lines::default();
    let refuse = |code, times| {
        for _ in 0..times {
            log.finish(None, &id, &request, &Err(ApiError::new(code, "why")));
        }
    };
    tracing::subscriber::with_default(lines.clone(), || {
        refuse(code::INTERNAL_FAILURE, 3);
        refuse(code::SERVICE_UNAVAILABLE, 2);
        refuse(code::VALIDATION, 1);
        clock.advance_micros(999_999);
        refuse(code::INTERNAL_FAILURE, 1);
        clock.advance_micros(1);
        refuse(code::INTERNAL_FAILURE, 2);
        clock.advance_micros(1_000_000);
        refuse(code::SERVICE_UNAVAILABLE, 1);
    });
    let expect = [
        ("InternalFailure", None),
        ("ServiceUnavailable", None),
        ("InternalFailure", Some(3)),
        ("ServiceUnavailable", Some(1)),
    ];
    assert_eq!(*lines.0.lock(), expect.map(|(code, left_out)| Line(code.to_owned(), left_out)));
}

#[test]
fn a_clock_that_is_set_back_does_not_silence_the_log() {
    struct Clocks(Mutex<Vec<u64>>);
    impl Clock for Clocks {
        fn now_micros(&self) -> u64 {
            self.0.lock().pop().expect("asked once a line")
        }
    }
    let log = AccessLog::new(Arc::new(Clocks(Mutex::new(vec![10, 90_000_000]))));
    assert_eq!(log.left_out(code::INTERNAL_FAILURE), Some(0));
    assert_eq!(log.left_out(code::INTERNAL_FAILURE), Some(0));
}
