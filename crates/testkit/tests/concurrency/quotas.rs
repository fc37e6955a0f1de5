//! What is decided on everything of a kind: how many there are, and whether one names another. Clients at the same
//! moment get no more than there may be, and what is named stays.

use crate::client::{Client, Refused, number};
use serde_json::{Value, json};
use std::sync::Barrier;
use std::time::Duration;
use testkit::Target;

const THREADS: usize = 6;
/// Parameter groups of an account and region.
const GROUPS_MAX: usize = 20;
const ROUNDS: usize = 12;
/// Open shards of an account and region.
const SHARDS_MAX: usize = 1_000;
const SHARDS: usize = 150;

/// Tables of an account and region.
const TABLES_MAX: usize = 2_500;
/// Units of reads that are provisioned in an account and region, and some that fit eight times.
const UNITS_MAX: u64 = 80_000;
const UNITS: u64 = 9_999;

/// All of it holds.
pub fn check(target: &dyn Target) {
    no_more_capacity_than_there_may_be(&Client::new(target));
    no_more_than_there_may_be(&Client::new(target));
    no_more_shards_than_there_may_be(&Client::new(target));
    what_is_named_stays(&Client::new(target));
    what_is_restored_stays(&Client::with_table(target));
}

/// More are asked for than there may be, by all at the same time.
fn no_more_than_there_may_be(client: &Client<'_>) {
    let together = &Barrier::new(THREADS);
    let made: usize = std::thread::scope(|scope| {
        let make = |thread: usize| {
            together.wait();
            (0..GROUPS_MAX / 4).filter(|n| is_made(client, &format!("g{thread}-{n}"))).count()
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || make(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a client does not panic")).sum()
    });
    assert_eq!(made, GROUPS_MAX);
    assert!(!is_made(client, "one-more"));
}

fn is_made(client: &Client<'_>, name: &str) -> bool {
    match client.call_dax("CreateParameterGroup", &group(name)) {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.code, "ParameterGroupQuotaExceededFault", "{refused:?}");
            false
        }
    }
}

/// The same of what is counted in several streams.
fn no_more_shards_than_there_may_be(client: &Client<'_>) {
    let together = &Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                together.wait();
                (0..2).for_each(|n| open_shards(client, &format!("s{thread}-{n}")));
            });
        }
    });
    let limits = client.call_kinesis("DescribeLimits", &json!({})).expect("limits are told");
    assert_eq!(limits["OpenShardCount"], json!(SHARDS_MAX / SHARDS * SHARDS));
}

fn open_shards(client: &Client<'_>, name: &str) {
    let stream = json!({"StreamName": name, "ShardCount": SHARDS});
    if let Err(refused) = client.call_kinesis("CreateStream", &stream) {
        assert_eq!(refused.code, "LimitExceededException", "{refused:?}");
    }
}

/// Some create tables, and others raise what is provisioned for one that is there.
fn no_more_capacity_than_there_may_be(client: &Client<'_>) {
    (0..THREADS).for_each(|thread| assert!(is_created(client, &format!("there-{thread}"), 1)));
    let together = &Barrier::new(THREADS);
    let granted: usize = std::thread::scope(|scope| {
        let ask = |thread: usize| {
            together.wait();
            let raised = usize::from(is_raised(client, &format!("there-{thread}"), UNITS + 1));
            raised + usize::from(is_created(client, &format!("more-{thread}"), UNITS))
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || ask(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a client does not panic")).sum()
    });
    assert_eq!(granted as u64, UNITS_MAX / UNITS);
    assert!(!is_created(client, "one-more", UNITS) && !is_raised(client, "there-0", 2 * UNITS + 1));
    let names = client.done("ListTables", json!({}))["TableNames"].as_array().cloned().unwrap_or_default();
    let units = |name: &Value| {
        let table = client.done("DescribeTable", json!({"TableName": name}));
        table["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"].as_u64().expect("units are told")
    };
    assert_eq!(names.iter().map(units).sum::<u64>(), THREADS as u64 + UNITS_MAX / UNITS * UNITS);
}

fn is_created(client: &Client<'_>, name: &str, read_units: u64) -> bool {
    let table = json!({
        "TableName": name, "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": read_units, "WriteCapacityUnits": 1},
    });
    is_within(client.call("CreateTable", &table))
}

fn is_raised(client: &Client<'_>, name: &str, read_units: u64) -> bool {
    let units = json!({"ReadCapacityUnits": read_units, "WriteCapacityUnits": 1});
    is_within(client.call("UpdateTable", &json!({"TableName": name, "ProvisionedThroughput": units})))
}

fn is_within(answer: Result<Value, Refused>) -> bool {
    match answer {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.code, "LimitExceededException", "{refused:?}");
            false
        }
    }
}

/// All create tables, more than there may be.
pub fn check_tables(target: &dyn Target) {
    let client = &Client::new(target);
    let create = |name: String| {
        let table = json!({
            "TableName": name, "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        });
        is_within(client.call("CreateTable", &table))
    };
    let (each, create) = (TABLES_MAX / THREADS + 2, &create);
    let created: usize = std::thread::scope(|scope| {
        let fill = |thread: usize| (0..each).filter(|n| create(format!("table-{thread}-{n}"))).count();
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || fill(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a client does not panic")).sum()
    });
    assert_eq!(created, TABLES_MAX);
}

/// A cluster is made with a group that somebody else deletes: one of the two is refused.
fn what_is_named_stays(client: &Client<'_>) {
    let together = &Barrier::new(2);
    for round in 0..ROUNDS {
        client.call_dax("CreateParameterGroup", &group("shared")).expect("a group is made");
        let name = format!("c{round}");
        let (made, deleted) = std::thread::scope(|scope| {
            let make = scope.spawn(|| {
                together.wait();
                client.call_dax("CreateCluster", &cluster(&name, "shared"))
            });
            together.wait();
            let deleted = client.call_dax("DeleteParameterGroup", &group("shared"));
            (make.join().expect("a client does not panic"), deleted)
        });
        judge(client, &name, made, deleted);
    }
}

fn judge(client: &Client<'_>, name: &str, made: Result<Value, Refused>, deleted: Result<Value, Refused>) {
    match (made, deleted) {
        (Ok(_), Err(refused)) => {
            assert_eq!(refused.code, "InvalidParameterGroupStateFault", "{refused:?}");
            client.call_dax("DeleteCluster", &json!({"ClusterName": name})).expect("the cluster is there");
            client.call_dax("DeleteParameterGroup", &group("shared")).expect("nobody names the group");
        }
        (Err(refused), Ok(_)) => assert_eq!(refused.code, "ParameterGroupNotFoundFault", "{refused:?}"),
        both => panic!("one of the two came first: {both:?}"),
    }
}

/// A table is restored from a backup that somebody else deletes: it has what was in it, or it is not created.
fn what_is_restored_stays(client: &Client<'_>) {
    client.done("PutItem", json!({"TableName": "items", "Item": {"p": {"S": "a"}, "n": {"N": "1"}}}));
    let together = &Barrier::new(2);
    for round in 0..ROUNDS / 2 {
        let backup = client.done("CreateBackup", json!({"TableName": "items", "BackupName": "backup"}));
        let backup = &json!({"BackupArn": backup["BackupDetails"]["BackupArn"]});
        comes_to("AVAILABLE", || {
            let described = client.done("DescribeBackup", backup.clone());
            described["BackupDescription"]["BackupDetails"]["BackupStatus"].clone()
        });
        let name = &format!("restored-{round}");
        let (restored, deleted) = std::thread::scope(|scope| {
            let restore = scope.spawn(|| {
                together.wait();
                let order = json!({"BackupArn": backup["BackupArn"], "TargetTableName": name});
                client.call("RestoreTableFromBackup", &order)
            });
            together.wait();
            let deleted = client.call("DeleteBackup", backup);
            (restore.join().expect("a client does not panic"), deleted)
        });
        assert!(restored.is_ok() || deleted.is_ok(), "{restored:?}, {deleted:?}");
        if let Err(refused) = deleted {
            assert_eq!(refused.code, "BackupInUseException", "{refused:?}");
        }
        match restored {
            Err(refused) => assert_eq!(refused.code, "BackupNotFoundException", "{refused:?}"),
            Ok(_) => {
                comes_to("ACTIVE", || {
                    let described = client.done("DescribeTable", json!({"TableName": name}));
                    described["Table"]["TableStatus"].clone()
                });
                let key = json!({"TableName": name, "Key": {"p": {"S": "a"}}, "ConsistentRead": true});
                assert_eq!(number(&client.done("GetItem", key)["Item"], "n"), 1);
            }
        }
    }
}

/// Waits for a status.
#[expect(clippy::disallowed_methods, reason = "a job behind requests tells no client when it is done")]
fn comes_to(status: &str, mut seen: impl FnMut() -> Value) {
    for _ in 0..6_000 {
        if seen() == status {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it does not come to be {status}: {}", seen());
}

fn group(name: &str) -> Value {
    json!({"ParameterGroupName": name})
}

fn cluster(name: &str, group: &str) -> Value {
    json!({
        "ClusterName": name, "NodeType": "dax.t3.small", "ReplicationFactor": 1,
        "IamRoleArn": "arn:aws:iam::000000000000:role/dax", "ParameterGroupName": group,
    })
}
