//! The tasks of mappings on a real engine: what a function that is a closure is called with.

#[expect(clippy::unwrap_used, reason = "whatever fails here fails the test")]
#[expect(dead_code, reason = "other tests use the rest")]
mod world;

use event_source::call::Called;
use event_source::{Mapping, ReadPermission, Settings, permission};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use world::World;

#[test]
fn a_function_gets_the_changes_of_a_table_as_events() {
    let world = World::new();
    let mapping = world.map(|_| {});
    let server = world.start(1, World::succeed);
    world.put("a", 1);
    world.put("a", 2);
    world.delete("a");
    let records = world.await_records(3);
    let names: Vec<_> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let modify = &records[1];
    assert_eq!(modify["eventSourceARN"], mapping.event_source_arn);
    assert_eq!((&modify["eventVersion"], &modify["eventSource"]), (&json!("1.1"), &json!("aws:dynamodb")));
    assert_eq!((&modify["awsRegion"], modify.get("userIdentity")), (&json!("us-east-1"), None));
    assert_eq!(modify["eventID"].as_str().unwrap().len(), 32);
    let change = &modify["dynamodb"];
    assert!(change["ApproximateCreationDateTime"].is_f64());
    assert_eq!(change["Keys"], json!({"pk": {"S": "a"}}));
    assert_eq!(change["NewImage"], json!({"pk": {"S": "a"}, "n": {"N": "2"}}));
    assert_eq!(change["OldImage"], json!({"pk": {"S": "a"}, "n": {"N": "1"}}));
    assert_eq!((&change["SizeBytes"], &change["StreamViewType"]), (&json!(15), &json!("NEW_AND_OLD_IMAGES")));
    assert!(change["SequenceNumber"].as_str().unwrap().len() >= 21);
    drop(server);
    assert_eq!(world.last_result(&mapping), "OK");
}

#[test]
fn latest_begins_behind_what_was_written_and_filters_leave_records_out() {
    let world = World::new();
    world.put("old", 1);
    world.map(|mapping| {
        mapping.start = world.newest();
        mapping.filters = vec![
            r#"{"dynamodb":{"NewImage":{"n":{"N":["2","3"]}}}}"#.to_owned(),
            r#"{"eventName":["REMOVE"]}"#.to_owned(),
        ];
    });
    let _server = world.start(1, World::succeed);
    for n in 1..=4 {
        world.put("new", n);
    }
    world.delete("new");
    let records = world.await_records(3);
    let seen: Vec<_> =
        records.iter().map(|record| record["dynamodb"]["NewImage"]["n"]["N"].clone()).collect();
    assert_eq!(seen, [json!("2"), json!("3"), Value::Null]);
}

#[test]
fn a_mapping_goes_on_where_it_was_stopped() {
    let world = World::new();
    let mapping = world.map(|_| {});
    for round in 0..5 {
        let server = world.start(1, World::succeed);
        (0..10).for_each(|n| world.put("a", round * 10 + n + 1));
        world.await_records((round as usize + 1) * 10);
        drop(server); // stops behind the call that is under way, and saves
    }
    assert_eq!(world.numbers(), (1..=50).collect::<Vec<_>>(), "nothing twice, nothing left out");
    world.change(&mapping, |mapping| mapping.enabled = false);
    let server = world.start(1, World::succeed);
    world.put("a", 51);
    world.pause(Duration::from_millis(100));
    assert_eq!(world.numbers().len(), 50);
    world.change_current(&mapping, |mapping| mapping.enabled = true);
    world.await_records(51);
    drop(server);
}

#[test]
fn a_failure_is_noted_and_told_and_the_lane_goes_on() {
    let world = World::new();
    let mapping = world.map(|mapping| {
        mapping.settings = Settings { batch_size: 1, maximum_retry_attempts: Some(1), ..Settings::default() };
        mapping.on_failure = Some("arn:aws:sqs:us-east-1:000000000000:dead".to_owned());
    });
    let _server = world.start(1, |event| {
        if event.to_string().contains(r#"{"S":"poison"}"#) {
            return World::fail("KeyError", "no such user");
        }
        World::succeed(event)
    });
    world.put("poison", 1);
    world.await_told(1);
    assert_eq!(world.last_result(&mapping), "PROBLEM: Function call failed. KeyError: no such user");
    world.put("a", 2);
    world.await_records(3);
    assert_eq!(world.numbers(), [1, 1, 2]);
    let (destination, document) = world.await_told(1).remove(0);
    assert_eq!(destination, "arn:aws:sqs:us-east-1:000000000000:dead");
    assert_eq!(document["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(document["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(document["requestContext"]["functionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
    assert_eq!(document["DDBStreamBatchInfo"]["streamArn"], mapping.event_source_arn);
    world.await_result(&mapping, "OK");
}

#[test]
fn a_function_that_cannot_run_holds_its_shard_and_says_why() {
    let world = World::new();
    let mapping = world.map(|_| {});
    let server = world.start(1, |_| Called::DidNotRun { why: "Function not found: f".to_owned() });
    world.put("a", 1);
    world.await_result(&mapping, "PROBLEM: Function not found: f");
    drop(server);
    world.forget_calls();
    let _server = world.start(1, World::succeed);
    world.await_records(1);
    world.await_result(&mapping, "OK");
}

#[test]
fn a_stream_that_is_disabled_or_whose_table_is_deleted_is_read_to_its_end() {
    for end in [World::disable_stream, World::delete_table] {
        let world = World::new();
        let mapping = world.map(|_| {});
        (1..=3).for_each(|n| world.put("a", n));
        end(&world);
        let server = world.start(1, World::succeed);
        world.await_records(3);
        drop(server);
        assert_eq!((world.numbers(), world.last_result(&mapping)), (vec![1, 2, 3], "OK".to_owned()));
    }
}

#[test]
fn a_stream_is_read_as_far_as_the_role_of_the_function_may() {
    let mut world = World::new();
    let (may_read, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(None)));
    let (answer, note) = (Arc::clone(&may_read), Arc::clone(&asked));
    world.permission = ReadPermission::by(Arc::new(move |reading| {
        *note.lock().unwrap() = Some(reading);
        Box::pin(std::future::ready(answer.load(Ordering::Acquire)))
    }));
    let mapping = world.map(|_| {});
    let _server = world.start(1, World::succeed);
    world.put("a", 1);
    world.await_records(1);
    let reading = asked.lock().unwrap().clone().unwrap();
    assert_eq!(
        (reading.function_arn, &reading.source_arn),
        (mapping.function_arn.clone(), &mapping.event_source_arn)
    );

    may_read.store(false, Ordering::Release);
    let mut written = 1;
    let denied = format!("PROBLEM: {}", permission::denial(&mapping.event_source_arn));
    while world.last_result(&mapping) != denied {
        written += 1;
        world.put("a", written); // whoever waits for records asks when there are some
    }
    written += 1;
    world.put("a", written);
    assert!(!world.numbers().contains(&written), "it was read without permission");
    may_read.store(true, Ordering::Release);
    world.await_records(written as usize);
    assert_eq!(world.numbers(), (1..=written).collect::<Vec<_>>());
    world.await_result(&mapping, "OK");
}

#[test]
fn lanes_keep_the_order_of_items_while_their_number_changes_and_shards_are_replaced() {
    let world = World::with_short_shards();
    let mut mapping = world.map(|mapping| mapping.settings.batch_size = 7);
    let _server = world.start(1, World::succeed);
    let mut written = 0;
    for (round, factor) in [1, 3, 2, 10, 1].into_iter().enumerate() {
        mapping = world.change_current(&mapping, |mapping| mapping.settings.parallelization_factor = factor);
        for n in 0..60 {
            world.put(["a", "b", "c", "d", "e"][n % 5], (round * 60 + n) as u64 + 1);
            written += 1;
            world.pause(Duration::from_millis(4));
        }
    }
    world.await_distinct(written);
    world.check_order();
}

#[test]
fn a_deleted_mapping_leaves_nothing() {
    let world = World::new();
    let deleted = world.map(|mapping| mapping.settings.parallelization_factor = 2);
    let server = world.start(1, World::succeed);
    world.put("a", 1);
    world.await_records(1);
    world.delete_mapping(&deleted);
    let second = world.map(|_| {}); // the pair is free again
    world.await_records(2); // the server that calls for the second mapping has looked at all of them
    world.put("a", 2);
    world.await_records(3);
    world.pause(Duration::from_millis(50));
    world.delete_mapping(&second);
    drop(server);
    assert_eq!((world.numbers(), world.documents()), (vec![1, 1, 2], Vec::<String>::new()));
}

#[test]
fn two_servers_share_a_mapping_and_one_that_stops_hands_it_over_at_once() {
    let world = World::without_time(); // no lease expires
    world.map(|mapping| mapping.settings.batch_size = 3);
    let mut servers = vec![world.start(1, World::succeed), world.start(2, World::succeed)];
    for round in 0..3 {
        (1..=30).for_each(|n| world.put("a", round * 30 + n));
        world.await_records((round as usize + 1) * 30);
        servers.push(world.start(3 + round, World::succeed));
        drop(servers.remove(0)); // releases the lease, if it has it
    }
    assert_eq!(world.numbers(), (1..=90).collect::<Vec<_>>());
}

#[test]
fn servers_that_are_cut_off_repeat_a_batch_at_most() {
    let world = World::with_short_shards();
    world.map(|mapping| mapping.settings.batch_size = 5);
    let mut n = 0;
    for owner in 0..12 {
        let server = world.start(owner, World::succeed);
        for _ in 0..25 {
            n += 1;
            world.put(["a", "b", "c"][n as usize % 3], n);
        }
        server.cut_off();
    }
    let _server = world.start(99, World::succeed);
    world.await_distinct(n as usize);
    world.check_order();
    assert!(world.numbers().len() <= n as usize + 12 * 3 * 5, "{} calls for {n}", world.numbers().len());
}

#[test]
fn a_pair_has_one_mapping() {
    let world = World::new();
    let mapping = world.map(|_| {});
    assert_eq!(world.try_map(|_| {}), Err(mapping.uuid.clone()));
    let other = |mapping: &mut Mapping| mapping.function_arn.push_str(":live");
    let second = world.try_map(other).unwrap();
    let moved = Mapping { function_arn: mapping.function_arn.clone(), ..second.clone() };
    assert_eq!(world.try_replace(&second, &moved), Err(mapping.uuid));
}
