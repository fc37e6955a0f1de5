//! The tasks of mappings on streams of Kinesis.

#[expect(clippy::unwrap_used, reason = "whatever fails here fails the test")]
#[expect(dead_code, reason = "other tests use the rest")]
mod world;

use engine::Scope;
use event_source::{Mapping, Settings};
use kinesis::streams::NewRecord;
use kinesis::{Stream, Streams, hash_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use store::wait::wait;
use world::World;

/// A stream, and what was put into it.
struct Source {
    streams: Streams,
    scope: Scope,
}

impl Source {
    fn of(world: &World, shards: u32) -> Source {
        let scope = Scope { account: "000000000000".into(), region: "us-east-1".into() };
        let source = Source { streams: world.sources().kinesis, scope };
        source.change(|stream, feeds| stream.open_first(shards, 1_000_000, feeds));
        source
    }

    fn change(&self, change: impl Fn(&mut Stream, &mut dyn FnMut() -> store::FeedId) + Send + Sync) {
        let changed = self.streams.change(&self.scope, "s", |old, feeds| {
            let mut stream = old.unwrap_or_else(|| Stream::new(self.scope.clone(), "s", 1_000_000));
            change(&mut stream, feeds);
            Ok::<_, Infallible>((Some(stream), ()))
        });
        let Ok(()) = wait(changed).expect("the store works");
    }

    fn put(&self, key: &str, data: &Value) {
        let record = NewRecord {
            partition_key: key.to_owned(),
            hash: hash_of(key),
            data: data.to_string().into_bytes(),
        };
        let records = [record];
        let appended = self.streams.append(&self.scope, "s", &records, |_| Ok::<_, Infallible>(()));
        wait(appended).expect("the stream is there");
    }

    fn mapping(&self, world: &World, change: impl Fn(&mut Mapping)) -> Mapping {
        world.map(|mapping| {
            mapping.event_source_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s".to_owned();
            change(mapping);
        })
    }
}

fn data(record: &Value) -> Value {
    let mut bytes = Vec::new();
    let text = record["kinesis"]["data"].as_str().expect("it has data");
    wire::json::decode_base64(text, &mut bytes).expect("it is Base64");
    serde_json::from_slice(&bytes).expect("it is JSON")
}

#[test]
fn a_function_gets_the_records_of_a_stream_as_events() {
    let world = World::new();
    let source = Source::of(&world, 1);
    let mapping = source.mapping(&world, |mapping| {
        mapping.filters = vec![r#"{"data":{"n":[{"numeric":[">",1]}]}}"#.to_owned()];
    });
    let _server = world.start(1, World::succeed);
    (1..4).for_each(|n| source.put("p", &json!({ "n": n })));
    let records = world.await_records(2);
    assert_eq!(records.iter().map(data).collect::<Vec<_>>(), [json!({"n": 2}), json!({"n": 3})]);
    let record = &records[0];
    assert_eq!(record["eventSourceARN"], mapping.event_source_arn);
    assert_eq!(record["invokeIdentityArn"], mapping.invoke_identity_arn);
    assert_eq!(
        (&record["eventName"], &record["awsRegion"]),
        (&json!("aws:kinesis:record"), &json!("us-east-1"))
    );
    let number = record["kinesis"]["sequenceNumber"].as_str().expect("it has a number");
    assert_eq!(record["eventID"], format!("shardId-000000000000:{number}"));
}

#[test]
fn what_is_given_up_is_told_as_of_a_stream() {
    let world = World::new();
    let source = Source::of(&world, 1);
    source.mapping(&world, |mapping| {
        mapping.settings = Settings { maximum_retry_attempts: Some(0), ..Settings::default() };
        mapping.on_failure = Some("arn:dead".to_owned());
    });
    let _server = world.start(1, |_| World::fail("KeyError", "none"));
    source.put("p", &json!(1));
    let (_, document) = world.await_told(1).remove(0);
    let batch = &document["KinesisBatchInfo"];
    assert_eq!((&batch["shardId"], &batch["batchSize"]), (&json!("shardId-000000000000"), &json!(1)));
}

#[test]
fn the_order_of_a_key_is_kept_while_shards_are_split_and_merged() {
    let world = World::new();
    let source = Source::of(&world, 1);
    let mut mapping = source.mapping(&world, |mapping| mapping.settings.batch_size = 7);
    let server = world.start(1, World::succeed);
    let keys = ["a", "b", "c", "d", "e"];
    let mut now = 2_000_000;
    for round in 0..6 {
        for n in 0..20 {
            source.put(keys[n % 5], &json!(round * 20 + n));
        }
        now += 2_000_000;
        let count = if round % 2 == 0 { 2 } else { 1 };
        source.change(|stream, feeds| stream.scale(count, now, feeds));
        if round == 3 {
            mapping = world.change_current(&mapping, |mapping| mapping.settings.parallelization_factor = 3);
        }
    }
    world.await_records(120);
    drop(server);
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for record in world.records() {
        let key = record["kinesis"]["partitionKey"].as_str().expect("it has a key").to_owned();
        let n = data(&record).as_u64().expect("it is a number");
        let before = last.insert(key, n);
        assert!(before.is_none_or(|before| before < n), "{n} behind {before:?}");
    }
    assert_eq!(world.records().len(), 120, "nothing twice, nothing left out");
    assert_eq!(world.last_result(&mapping), "OK");
}

#[test]
fn a_mapping_begins_at_a_time() {
    let world = World::new();
    let source = Source::of(&world, 1);
    source.put("p", &json!(1));
    world.pause(std::time::Duration::from_millis(5));
    let begin = world.now_micros();
    world.pause(std::time::Duration::from_millis(5));
    source.put("p", &json!(2));
    source.mapping(&world, |mapping| {
        (mapping.starting_position, mapping.start_micros) = ("AT_TIMESTAMP".to_owned(), Some(begin));
    });
    let _server = world.start(1, World::succeed);
    world.await_records(1);
    assert_eq!(world.records().iter().map(data).collect::<Vec<_>>(), [json!(2)]);
}

#[test]
fn a_stream_that_comes_again_is_read_on() {
    let world = World::new();
    let source = Source::of(&world, 1);
    let mapping = source.mapping(&world, |_| {});
    let _server = world.start(1, World::succeed);
    source.put("p", &json!(1));
    world.await_records(1);
    let deleted = source.streams.change(&source.scope, "s", |_, _| Ok::<_, Infallible>((None, ())));
    let Ok(()) = wait(deleted).expect("the store works");
    world.await_result(&mapping, "PROBLEM: The stream does not exist");
    source.change(|stream, feeds| stream.open_first(1, 9_000_000, feeds));
    source.put("p", &json!(2));
    world.await_records(2);
    assert_eq!(world.records().iter().map(data).collect::<Vec<_>>(), [json!(1), json!(2)]);
}
