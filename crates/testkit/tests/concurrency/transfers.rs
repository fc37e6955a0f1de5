//! Transfers between accounts as transactions, while others read all accounts in one and single writes
//! touch them: the sum never changes, and each transfer that was acknowledged is there once.

use crate::client::{Client, number};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use testkit::Target;

const ACCOUNTS: usize = 5;
const OPENING: i64 = 100;
const THREADS: usize = 4;
const TRANSFERS: usize = 60;

#[derive(Default)]
struct Met {
    transfers: AtomicUsize,
    audits: AtomicUsize,
    touches: AtomicUsize,
    audited: AtomicUsize,
    over: AtomicBool,
}

/// How often a transfer met another transaction.
pub fn check(target: &dyn Target) -> usize {
    let client = &Client::with_table(target);
    for account in 0..ACCOUNTS {
        let item = json!({"p": {"S": account.to_string()}, "n": {"N": OPENING.to_string()}});
        client.done("PutItem", json!({"TableName": "items", "Item": item}));
    }
    let met = &Met::default();
    let (expected, touched) = std::thread::scope(|scope| {
        let transfers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || transfer_often(client, thread, met))).collect();
        let audit = scope.spawn(|| audit_until_over(client, met));
        let touch = scope.spawn(|| touch_until_over(client, met));
        let mut balances = [OPENING; ACCOUNTS];
        let results: Vec<_> = transfers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        met.over.store(true, Ordering::Relaxed);
        for changes in results.into_iter().map(|result| result.expect("a thread ends well")) {
            balances.iter_mut().zip(changes).for_each(|(balance, change)| *balance += change);
        }
        audit.join().expect("the audit ends well");
        (balances, touch.join().expect("a thread ends well"))
    });
    let at_last: Vec<_> = (0..ACCOUNTS).map(|account| client.number(&account.to_string(), "n")).collect();
    assert_eq!(at_last, expected, "acknowledged transfers are there once, others are not");
    assert_eq!(client.number("0", "touched"), touched);
    let seen = [&met.transfers, &met.audits, &met.touches, &met.audited].map(|n| n.load(Ordering::Relaxed));
    eprintln!(
        "{}: conflicts of {} transfers, {} audits, {} single writes; {} audits",
        target.name(),
        seen[0],
        seen[1],
        seen[2],
        seen[3]
    );
    assert!(seen[3] > 0, "nothing was audited");
    seen[0]
}

fn add(account: usize, amount: i64) -> Value {
    json!({"Update": {
        "TableName": "items",
        "Key": {"p": {"S": account.to_string()}},
        "UpdateExpression": "SET n = n + :amount",
        "ConditionExpression": "n >= :least",
        "ExpressionAttributeValues": {":amount": {"N": amount.to_string()}, ":least": {"N": (-amount).to_string()}},
    }})
}

/// What was added to each account.
fn transfer_often(client: &Client<'_>, thread: usize, met: &Met) -> [i64; ACCOUNTS] {
    let mut changes = [0; ACCOUNTS];
    for turn in 0..TRANSFERS {
        let (from, to) = ((thread + turn) % ACCOUNTS, (thread * 2 + turn + 1) % ACCOUNTS);
        let amount = (turn % 7 + 1) as i64;
        if from == to {
            continue;
        }
        let body = json!({"TransactItems": [add(from, -amount), add(to, amount)]});
        match client.call("TransactWriteItems", &body) {
            Ok(_) => {
                changes[from] -= amount;
                changes[to] += amount;
            }
            Err(refused) if refused.is_conflict() => _ = met.transfers.fetch_add(1, Ordering::Relaxed),
            Err(refused) => {
                assert_eq!(refused.code, "TransactionCanceledException");
                let first = &refused.body["CancellationReasons"][0]["Code"];
                assert_eq!(first, "ConditionalCheckFailed", "{refused:?}");
            }
        }
    }
    changes
}

fn audit_until_over(client: &Client<'_>, met: &Met) {
    let get =
        |account: usize| json!({"Get": {"TableName": "items", "Key": {"p": {"S": account.to_string()}}}});
    let body = json!({"TransactItems": (0..ACCOUNTS).map(get).collect::<Vec<_>>()});
    let mut at_least_once = true;
    while at_least_once || !met.over.load(Ordering::Relaxed) {
        match client.call("TransactGetItems", &body) {
            Ok(answer) => {
                let responses = answer["Responses"].as_array().expect("an audit answers");
                let sum: i64 = responses.iter().map(|response| number(&response["Item"], "n")).sum();
                assert_eq!(sum, ACCOUNTS as i64 * OPENING, "half a transfer was seen: {answer}");
                met.audited.fetch_add(1, Ordering::Relaxed);
                at_least_once = false;
            }
            Err(refused) => {
                assert!(refused.is_conflict(), "{refused:?}");
                met.audits.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// How many single writes were done.
fn touch_until_over(client: &Client<'_>, met: &Met) -> i64 {
    let body = json!({
        "TableName": "items",
        "Key": {"p": {"S": "0"}},
        "UpdateExpression": "ADD touched :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    });
    let mut done = 0;
    while !met.over.load(Ordering::Relaxed) {
        match client.call("UpdateItem", &body) {
            Ok(_) => done += 1,
            Err(refused) => {
                assert_eq!(refused.code, "TransactionConflictException");
                met.touches.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    done
}
