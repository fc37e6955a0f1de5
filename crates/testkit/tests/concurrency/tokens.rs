//! The same token from several clients at once: the transaction is done once, and every client gets its success.

use crate::client::Client;
use serde_json::json;
use std::sync::Barrier;
use testkit::Target;

const THREADS: usize = 5;
const TOKENS: usize = 25;

/// Each token counts once.
pub fn check(target: &dyn Target) {
    let client = &Client::with_table(target);
    let together = &Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for token in 0..TOKENS {
                    together.wait();
                    until_done(client, token);
                }
            });
        }
    });
    assert_eq!(client.number("a", "n"), TOKENS as i64);
    assert_eq!(client.number("b", "n"), TOKENS as i64);
}

fn until_done(client: &Client<'_>, token: usize) {
    let add = |key: &str| {
        json!({"Update": {
            "TableName": "items",
            "Key": {"p": {"S": key}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }})
    };
    let body = json!({"ClientRequestToken": format!("token {token}"), "TransactItems": [add("a"), add("b")]});
    while let Err(refused) = client.call("TransactWriteItems", &body) {
        let is_other_at_it = refused.code == "TransactionInProgressException" || refused.is_conflict();
        assert!(is_other_at_it, "{refused:?}");
    }
}
