//! The store over a PostgreSQL of these tests' own, each test in a schema of its own.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod contract;
mod feed_order;
mod lost_answers;
mod measures;
mod outages;
mod refusals;
mod standbys;
mod tls;
mod two_servers;

use std::sync::Arc;
use store::contract::*;
use store_postgres::test_server::TestServer;
use store_postgres::{Options, PostgresStore};

/// A schema that is not there yet.
fn options(server: &TestServer) -> Options {
    Options { schema: TestServer::new_schema(), ..Options::of(&server.url()) }
}

fn open(options: &Options) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::open(options.clone()).unwrap())
}

fn row(key: &[u8], row: &[u8]) -> RowWrite {
    RowWrite { key: key.to_vec(), row: Some(row.to_vec()) }
}

/// Writes a plan, whatever is there.
fn commit(store: &dyn Store, keys: &[&[u8]], plan: &Plan) -> Outcome {
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys, fences: &[], locking: Locking::Single, decide }).wait().unwrap()
}

fn put(store: &dyn Store, key: &[u8], value: &[u8]) -> Outcome {
    commit(store, &[key], &Plan { rows: vec![row(key, value)], ..Plan::default() })
}

fn get(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Strong, visit).wait().unwrap();
    found
}
