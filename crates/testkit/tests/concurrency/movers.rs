//! Items move between two partitions of a global index while others page through them: no walk through a
//! partition sees an item twice, none sees an item of which one attribute is newer than the other.

use crate::client::{Client, number};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::Target;

const ITEMS: usize = 24;
const MOVES: usize = 12;
const WRITERS: usize = 3;

/// What pages show.
pub fn check(target: &dyn Target) {
    let client = &Client::with_global_index(target);
    (0..ITEMS).for_each(|item| move_item(client, item, 0));
    let over = &AtomicBool::new(false);
    let walks: usize = std::thread::scope(|scope| {
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || move_often(client, writer))).collect();
        let readers: Vec<_> = ["x", "y"].map(|g| scope.spawn(move || walk_until(client, g, over))).into();
        let written: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        over.store(true, Ordering::Relaxed);
        assert!(written.iter().all(Result::is_ok));
        readers.into_iter().map(|reader| reader.join().expect("a reader ends well")).sum()
    });
    assert_eq!(walk(client, "x") + walk(client, "y"), ITEMS, "at rest each item is in one partition");
    eprintln!("{}: {walks} walks", target.name());
}

fn move_often(client: &Client<'_>, writer: usize) {
    for turn in 1..=MOVES {
        (0..ITEMS).filter(|item| item % WRITERS == writer).for_each(|item| move_item(client, item, turn));
    }
}

fn move_item(client: &Client<'_>, item: usize, turn: usize) {
    let g = if (item + turn).is_multiple_of(2) { "x" } else { "y" };
    client.done(
        "UpdateItem",
        json!({
            "TableName": "items",
            "Key": {"p": {"S": item.to_string()}},
            "UpdateExpression": "SET g = :g, r = :r, a = :turn, b = :turn",
            "ExpressionAttributeValues": {
                ":g": {"S": g}, ":r": {"N": (item / 3).to_string()}, ":turn": {"N": turn.to_string()},
            },
        }),
    );
}

/// How many walks there were.
fn walk_until(client: &Client<'_>, g: &str, over: &AtomicBool) -> usize {
    let mut walks = 0;
    while !over.load(Ordering::Relaxed) {
        walk(client, g);
        walks += 1;
    }
    walks
}

/// How many items were seen.
fn walk(client: &Client<'_>, g: &str) -> usize {
    let (mut seen, mut start) = (HashSet::new(), None::<Value>);
    loop {
        let mut body = json!({
            "TableName": "items",
            "IndexName": "byG",
            "Limit": 3,
            "KeyConditionExpression": "g = :g",
            "ExpressionAttributeValues": {":g": {"S": g}},
        });
        if let Some(start) = start {
            body["ExclusiveStartKey"] = start;
        }
        let page = client.done("Query", body);
        for item in page["Items"].as_array().into_iter().flatten() {
            assert_eq!(item["g"]["S"], g, "another partition's item");
            assert_eq!(number(item, "a"), number(item, "b"), "a torn item: {item}");
            assert!(seen.insert(item["p"].to_string()), "seen twice: {item}");
        }
        start = page.get("LastEvaluatedKey").cloned();
        if start.is_none() {
            return seen.len();
        }
    }
}
