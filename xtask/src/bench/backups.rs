//! Making and restoring a backup: item data a second without other load; and what point-in-time recovery costs the
//! writes of its table.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::{ROUNDS, trustworthy};
use crate::api::{Connection, DYNAMODB};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const TABLE: &str = "bench";
const KEYS: u32 = 200_000;
const ITEM_BYTES: u32 = 1_000;
const CONNECTIONS: u32 = 64;

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    data: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let server = Server::start(stator, &data.join("speed"))?;
    loadgen.load_items(&server.url, KEYS, ITEM_BYTES)?;
    let mut connection = Connection::open(&server.url)?;
    thread::sleep(Duration::from_secs(2)); // what the loading has left to compact
    let megabytes = f64::from(KEYS) * f64::from(ITEM_BYTES) / 1e6;
    let copied = megabytes / copy(&mut connection)?.as_secs_f64();
    let restored = megabytes / restore(&mut connection)?.as_secs_f64();
    let to_time = megabytes / restore_to_time(&mut connection)?.as_secs_f64();
    println!(
        "\n{megabytes:.0} MB of items of {ITEM_BYTES} bytes: backup {copied:.0} MB/s, restore {restored:.0} MB/s, \
         restore to a time {to_time:.0} MB/s"
    );
    server.stop()?;
    let ratio = cost_of_recovery(loadgen, stator, &data.join("cost"), seconds)?;
    Ok(vec![
        Target::at_least("MB of item data restored a second", restored, 50.0),
        Target::below("time of a PutItem at 64 with recovery, times without", ratio, 1.25),
    ])
}

fn copy(connection: &mut Connection) -> Result<Duration, String> {
    let begun = Instant::now();
    let request = json!({"TableName": TABLE, "BackupName": "bench"});
    let backup = connection.ask(DYNAMODB, "CreateBackup", &request)?;
    let described = json!({"BackupArn": backup["BackupDetails"]["BackupArn"]});
    until(
        connection,
        "DescribeBackup",
        &described,
        "/BackupDescription/BackupDetails/BackupStatus",
        "AVAILABLE",
    )?;
    Ok(begun.elapsed())
}

fn restore(connection: &mut Connection) -> Result<Duration, String> {
    let backups = connection.ask(DYNAMODB, "ListBackups", &json!({}))?;
    let arn = &backups["BackupSummaries"][0]["BackupArn"];
    let request = json!({"BackupArn": arn, "TargetTableName": "restored"});
    active_after(connection, "RestoreTableFromBackup", &request)
}

fn restore_to_time(connection: &mut Connection) -> Result<Duration, String> {
    recovery(connection, true)?;
    let request =
        json!({"SourceTableName": TABLE, "TargetTableName": "to-time", "UseLatestRestorableTime": true});
    active_after(connection, "RestoreTableToPointInTime", &request)
}

fn active_after(connection: &mut Connection, operation: &str, request: &Value) -> Result<Duration, String> {
    let begun = Instant::now();
    connection.call(operation, &request.to_string())?;
    let described = json!({"TableName": request["TargetTableName"]});
    until(connection, "DescribeTable", &described, "/Table/TableStatus", "ACTIVE")?;
    Ok(begun.elapsed())
}

fn until(
    connection: &mut Connection,
    operation: &str,
    request: &Value,
    member: &str,
    wanted: &str,
) -> Result<(), String> {
    while connection.ask(DYNAMODB, operation, request)?.pointer(member).is_none_or(|found| found != wanted) {
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn cost_of_recovery(loadgen: &Loadgen, stator: &Path, data: &Path, seconds: u32) -> Result<f64, String> {
    let server = Server::start(stator, data)?;
    loadgen.load(&server.url)?;
    let mut connection = Connection::open(&server.url)?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(puts(loadgen, &server, seconds)?);
        recovery(&mut connection, true)?;
        with.push(puts(loadgen, &server, seconds)?);
        recovery(&mut connection, false)?;
    }
    server.stop()?;
    let (without, with) = (loadgen::median(without), loadgen::median(with));
    println!(
        "PutItem at {CONNECTIONS}: {:.0}/s without recovery, {:.0}/s with it; cpu {:.1} and {:.1} µs",
        without.ops_per_s, with.ops_per_s, without.server_cpu_us, with.server_cpu_us
    );
    Ok(without.ops_per_s / with.ops_per_s)
}

fn recovery(connection: &mut Connection, is_on: bool) -> Result<(), String> {
    let specification = json!({"PointInTimeRecoveryEnabled": is_on});
    let request = json!({"TableName": TABLE, "PointInTimeRecoverySpecification": specification});
    connection.call("UpdateContinuousBackups", &request.to_string())
}

fn puts(loadgen: &Loadgen, server: &Server, seconds: u32) -> Result<Run, String> {
    let run = loadgen.run(&server.url, server.pid(), "put", CONNECTIONS, seconds)?;
    trustworthy("put", &run)?;
    Ok(run)
}
