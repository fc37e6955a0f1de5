//! Writers at a steady rate, each with keys of its own: every write is a change, and a key's versions rise by one.

use super::changes::Changes;
use crate::api::Connection;
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub(super) const TABLE: &str = "flowing";
pub(super) const WRITERS: u64 = 4;
const KEYS: u64 = 500;
/// One write of so many is a deletion.
const DELETION: u64 = 13;

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) changes: AtomicU64,
    pub(super) left: Mutex<Changes>,
    pub(super) stop: AtomicBool,
}

/// Writes until the stop flag is set.
pub(super) fn write(url: &str, writer: u64, writes_per_second: u64, written: &Written) -> Result<(), String> {
    let mut connection = Connection::open(url)?;
    let mut versions = vec![0u64; KEYS as usize];
    let (begun, payload) = (Instant::now(), "x".repeat(150));
    for step in 1.. {
        if written.stop.load(Relaxed) {
            break;
        }
        let at = (step * 7_919 % KEYS) as usize;
        let key = format!("key-{writer}-{at}");
        let is_deletion = step % DELETION == 0 && versions[at] % 2 == 1;
        let left = if is_deletion {
            connection
                .call("DeleteItem", &json!({"TableName": TABLE, "Key": {"pk": {"S": key}}}).to_string())?;
            versions[at] += 1; // even: the next write of the key is no deletion
            None
        } else {
            versions[at] += if versions[at] % 2 == 1 { 2 } else { 1 };
            let version = versions[at];
            let item = json!({"pk": {"S": key}, "v": {"N": version.to_string()}, "payload": {"S": payload}});
            connection.call("PutItem", &json!({"TableName": TABLE, "Item": item}).to_string())?;
            Some(version)
        };
        written.changes.fetch_add(1, Relaxed);
        written.left.lock().expect("no writer panics").leave(key, left);
        pace(begun, step, writes_per_second);
    }
    Ok(())
}

fn pace(begun: Instant, step: u64, per_second: u64) {
    let due = begun + Duration::from_nanos(step * 1_000_000_000 / per_second.max(1));
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
}
