//! What is decided on everything of a kind: how many there are, and whether one names another. Clients at the same
//! moment get no more than there may be, and what is named stays.

use crate::client::{Client, Refused};
use serde_json::{Value, json};
use std::sync::Barrier;
use testkit::Target;

const THREADS: usize = 6;
/// Parameter groups of an account and region.
const GROUPS_MAX: usize = 20;
const ROUNDS: usize = 12;
/// Open shards of an account and region.
const SHARDS_MAX: usize = 1_000;
const SHARDS: usize = 150;

/// All of it holds.
pub fn check(target: &dyn Target) {
    no_more_than_there_may_be(&Client::new(target));
    no_more_shards_than_there_may_be(&Client::new(target));
    what_is_named_stays(&Client::new(target));
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

fn group(name: &str) -> Value {
    json!({"ParameterGroupName": name})
}

fn cluster(name: &str, group: &str) -> Value {
    json!({
        "ClusterName": name, "NodeType": "dax.t3.small", "ReplicationFactor": 1,
        "IamRoleArn": "arn:aws:iam::000000000000:role/dax", "ParameterGroupName": group,
    })
}
