//! `stator tail` against a server that is a fake: lineage, times, refusals, and what it says.

mod fake_stream;

use clap::{Args, Command, FromArgMatches};
use commands::Stop;
use commands::client::Variables;
use commands::tail::{self, Arguments, Surroundings};
use fake_stream::{FakeServer, FakeShard, record};
use serde_json::Value;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use stdx::SystemClock;

const NOW: u64 = 1_769_817_600;

/// What a run has written, for the test that looks at it meanwhile.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no writer panics").clone()).expect("text")
    }
}

struct Ran {
    result: Result<(), String>,
    out: String,
    notices: String,
}

impl Ran {
    /// The ids of the items in the order of their changes.
    fn ids(&self) -> Vec<String> {
        ids(&self.out)
    }
}

fn ids(out: &str) -> Vec<String> {
    let id = |line: &str| {
        let record: Value = serde_json::from_str(line).expect("a line of JSON");
        record["dynamodb"]["Keys"]["id"]["S"].as_str().expect("a key").to_owned()
    };
    out.lines().map(id).collect()
}

fn run(line: &str, stop: Receiver<()>, out: impl Write, notices: &Shared) -> Result<(), String> {
    run_in(&Variables::new(&|_| None, &|_| None), line, stop, out, notices)
}

fn run_in(
    variables: &Variables<'_>,
    line: &str,
    stop: Receiver<()>,
    mut out: impl Write,
    notices: &Shared,
) -> Result<(), String> {
    let command = Arguments::augment_args(Command::new("tail").no_binary_name(true));
    let matches = command.try_get_matches_from(line.split(' ')).map_err(|error| error.to_string())?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(|error| error.to_string())?;
    let surroundings = Surroundings {
        variables: *variables,
        clock: Arc::new(SystemClock),
        stop: &Stop::at(stop),
        out: &mut out,
        terminal: None,
        reader_is_gone: &|| false,
        notices: &mut notices.clone(),
    };
    tail::run(&arguments, surroundings)
}

fn tail(line: &str) -> Ran {
    let (out, notices) = (Shared::default(), Shared::default());
    let (_keep, stop) = channel();
    let result = run(line, stop, out.clone(), &notices);
    Ran { result, out: out.text(), notices: notices.text() }
}

/// A run in the background of the test.
struct Running {
    thread: std::thread::JoinHandle<Result<(), String>>,
    stop: Sender<()>,
    out: Shared,
    notices: Shared,
}

impl Running {
    fn start(line: &str) -> Running {
        let (out, notices) = (Shared::default(), Shared::default());
        let (stop, stopped) = channel();
        let (line, writer, sayer) = (line.to_owned(), out.clone(), notices.clone());
        let run = move || run(&line, stopped, writer, &sayer);
        let thread = std::thread::Builder::new().spawn(run).expect("a thread");
        Running { thread, stop, out, notices }
    }

    fn await_that(&self, is_so: impl Fn(&Running) -> bool) {
        for _ in 0..1_000 {
            if is_so(self) {
                return;
            }
            std::thread::park_timeout(std::time::Duration::from_millis(10));
        }
        panic!("not in ten seconds: {} {}", self.out.text(), self.notices.text());
    }

    fn stop(self) -> Ran {
        self.stop.send(()).expect("it runs");
        let result = self.thread.join().expect("it does not panic");
        Ran { result, out: self.out.text(), notices: self.notices.text() }
    }
}

/// A root that was split: its children have the newer records.
fn split() -> Vec<(&'static str, FakeShard)> {
    let insert = |number, id| record("INSERT", number, NOW + number, id);
    vec![
        (
            "a-left",
            FakeShard {
                parent: Some("root"),
                is_closed: false,
                records: vec![insert(4, "d"), insert(6, "f")],
            },
        ),
        ("a-right", FakeShard { parent: Some("root"), is_closed: false, records: vec![insert(5, "e")] }),
        (
            "root",
            FakeShard {
                parent: Some("gone"),
                is_closed: true,
                records: vec![insert(1, "a"), insert(2, "b"), insert(3, "c")],
            },
        ),
    ]
}

#[test]
fn everything_that_is_kept_parents_first() {
    let server = FakeServer::start(split());
    let ran = tail(&format!("Music --from trim --no-follow --json --endpoint {}", server.url));
    assert_eq!((&ran.result, &*ran.notices), (&Ok(()), ""));
    assert_eq!(ran.ids(), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn shards_are_merged_by_the_times_of_their_changes() {
    let insert = |number, id| record("INSERT", number, NOW + number, id);
    let open = |records| FakeShard { parent: None, is_closed: false, records };
    let left: Vec<_> =
        [(1, "a"), (2, "b"), (5, "e"), (6, "f"), (8, "h")].map(|(at, id)| insert(at, id)).into();
    let right = [(3, "c"), (4, "d"), (7, "g")].map(|(at, id)| insert(at, id)).into();
    let server = FakeServer::start(vec![("left", open(left)), ("right", open(right))]);
    let ran = tail(&format!("Music --from trim --no-follow --json --endpoint {}", server.url));
    assert_eq!(ran.ids(), ["a", "b", "c", "d", "e", "f", "g", "h"]);
}

#[test]
fn calls_are_signed_with_the_keys_and_for_the_region_of_the_environment() {
    let (dynamodb, streams) = (FakeServer::start(split()), FakeServer::start(split()));
    let variable = |name: &str| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(dynamodb.url.clone()),
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS" => Some(streams.url.clone()),
        "AWS_REGION" => Some("eu-west-1".to_owned()),
        "AWS_ACCESS_KEY_ID" => Some("AKIAOFSOMEBODY".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some("its secret".to_owned()),
        _ => None,
    };
    let variables = Variables::new(&variable, &|_| None);
    let (out, (_keep, stop)) = (Shared::default(), channel());
    let line = "Music --from trim --no-follow --json";
    assert_eq!(run_in(&variables, line, stop, out.clone(), &Shared::default()), Ok(()));
    assert_eq!(ids(&out.text()).len(), 6);
    assert_eq!(dynamodb.state().calls, ["DescribeTable"]);
    for server in [&dynamodb, &streams] {
        let signed = server.state().authorization.clone();
        assert!(signed.contains("AKIAOFSOMEBODY/"), "{signed}");
        assert!(signed.contains("/eu-west-1/dynamodb/aws4_request"), "{signed}");
    }
}

#[test]
fn since_a_time_with_and_without_the_servers_help() {
    for has_no_timestamps in [false, true] {
        let server = FakeServer::start(split());
        server.state().has_no_timestamps = has_no_timestamps;
        let from = NOW + 3;
        let ran = tail(&format!("Music --from {from} --no-follow --json --endpoint {}", server.url));
        assert_eq!(ran.result, Ok(()));
        assert_eq!(ran.ids(), ["c", "d", "e", "f"], "without timestamps: {has_no_timestamps}");
    }
}

#[test]
fn from_now_on_through_a_split_to_the_end() {
    let mut shards = split();
    shards.drain(..2);
    shards[0].1.is_closed = false;
    let server = FakeServer::start(shards);
    let running = Running::start(&format!("Music --json --endpoint {}", server.url));
    running.await_that(|_| server.state().calls.iter().filter(|call| *call == "GetRecords").count() > 1);
    let insert = |number, id| record("INSERT", number, NOW + number, id);
    {
        let mut state = server.state();
        let root = &mut state.shards[0].1;
        root.records.push(insert(7, "g"));
        root.is_closed = true;
        state.shards.push((
            "s-child",
            FakeShard { parent: Some("root"), is_closed: false, records: vec![insert(8, "h")] },
        ));
    }
    running.await_that(|running| running.out.text().lines().count() == 2);
    let ran = running.stop();
    assert_eq!((&ran.result, ran.ids()), (&Ok(()), vec!["g".to_owned(), "h".to_owned()]));
}

#[test]
fn throttling_and_expired_iterators_are_got_over() {
    let server = FakeServer::start(split());
    server.state().refusals = vec![
        ("GetRecords", "ExpiredIteratorException"),
        ("DescribeStream", "ThrottlingException"),
        ("GetRecords", "LimitExceededException"),
        ("GetRecords", "ExpiredIteratorException"),
        ("GetRecords", "InternalServerError"),
    ];
    let ran = tail(&format!("Music --from trim --no-follow --json --endpoint {}", server.url));
    assert_eq!((&ran.result, ran.ids().len()), (&Ok(()), 6));
}

#[test]
fn one_key_and_only_key_attributes() {
    let server = FakeServer::start(split());
    let ran = tail(&format!("Music --from trim --no-follow --json --key id=e --endpoint {}", server.url));
    assert_eq!(ran.ids(), ["e"]);
    let ran = tail(&format!("Music --key year=1965 --endpoint {}", server.url));
    assert_eq!(ran.result, Err("year is no key attribute of Music; --key takes id".to_owned()));
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let server = FakeServer::start(split());
    let line = format!("Music --endpoint {}", server.url);
    server.state().has_no_stream = true;
    let sentence = tail(&line).result.unwrap_err();
    assert!(
        sentence.contains("table Music has no stream") && sentence.contains("aws dynamodb update-table"),
        "{sentence}"
    );
    server.state().is_deleted = true;
    let sentence = tail(&line).result.unwrap_err();
    assert!(sentence.contains("there is no table Music in region us-east-1"), "{sentence}");
    server.state().refusals = vec![("DescribeTable", "UnrecognizedClientException")];
    let sentence = tail(&line).result.unwrap_err();
    assert!(sentence.contains("AWS_ACCESS_KEY_ID"), "{sentence}");
    let sentence = tail("Music --endpoint http://127.0.0.1:1").result.unwrap_err();
    assert!(sentence.contains("start one with `stator`"), "{sentence}");
    let sentence = tail("Music --from yesterday").result.unwrap_err();
    assert!(sentence.contains("how long ago"), "{sentence}");
}

#[test]
fn a_disabled_stream_is_shown_to_its_end() {
    let mut shards = split();
    shards.iter_mut().for_each(|(_, shard)| shard.is_closed = true);
    let server = FakeServer::start(shards);
    server.state().is_disabled = true;
    let ran = tail(&format!("Music --from trim --no-follow --json --endpoint {}", server.url));
    assert_eq!((&ran.result, ran.ids().len()), (&Ok(()), 6));
    let running = Running::start(&format!("Music --from trim --json --endpoint {}", server.url));
    running.await_that(|running| running.notices.text().contains("waiting for the next one"));
    server.state().is_deleted = true;
    running.await_that(|running| running.notices.text().contains("table Music was deleted"));
    assert_eq!(running.thread.join().expect("it does not panic"), Ok(()));
}

#[test]
fn nobody_reads_any_more() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let server = FakeServer::start(split());
    let (_keep, stop) = channel();
    let line = format!("Music --from trim --endpoint {}", server.url);
    assert_eq!(run(&line, stop, Closed, &Shared::default()), Ok(()));
}
