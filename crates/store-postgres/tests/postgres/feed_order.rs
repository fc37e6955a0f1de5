//! Why locks are advisory: with row locks an item's records come out of order.

use super::options;
use std::sync::mpsc;
use std::thread;
use store_postgres::test_server::TestServer;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

/// A connection to a database with two rows and an empty feed.
pub(crate) struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    pub(crate) fn open(server: &TestServer, schema: &str) -> Session {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (client, driver) = runtime.block_on(tokio_postgres::connect(&server.url(), NoTls)).unwrap();
        runtime.spawn(driver);
        let session = Session { runtime, client };
        session.run(&format!("SET search_path = {schema}"));
        session
    }

    pub(crate) fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap();
    }

    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.runtime.block_on(self.client.query(sql, &[])).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

const APPEND: &str = "INSERT INTO feed_of_b VALUES (pg_current_xact_id(), ";

/// One session locks A and then waits for B, which the other holds and writes first.
fn order_of_the_feed(lock_a: &str, lock_b: &str) -> Vec<String> {
    let Some(server) = TestServer::shared() else { return Vec::new() };
    let schema = options(server).schema;
    let observer = Session::open(server, &schema);
    observer.run(&format!(
        "CREATE SCHEMA {schema}; SET search_path = {schema}; CREATE TABLE items (key text PRIMARY KEY); \
         INSERT INTO items VALUES ('a'), ('b'); CREATE TABLE feed_of_b (xid xid8, record text)"
    ));
    let (early, late) = (Session::open(server, &schema), Session::open(server, &schema));
    early.run(&format!("BEGIN; {lock_a}"));
    late.run(&format!("BEGIN; {lock_b}"));
    let (begun, has_begun) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            begun.send(early.texts("SELECT pg_backend_pid()::text").remove(0)).unwrap();
            early.run(&format!("{lock_b}; {APPEND} 'second'); COMMIT"));
        });
        let pid = has_begun.recv().unwrap();
        let waits = format!("SELECT pid::text FROM pg_locks WHERE NOT granted AND pid = {pid}");
        while observer.texts(&waits).is_empty() {
            thread::yield_now();
        }
        late.run(&format!("{APPEND} 'first'); COMMIT"));
    });
    observer.texts("SELECT record FROM feed_of_b ORDER BY xid")
}

#[test]
fn row_locks_put_the_records_of_an_item_out_of_order() {
    let lock = |key| format!("SELECT key FROM items WHERE key = '{key}' FOR UPDATE");
    let order = order_of_the_feed(&lock("a"), &lock("b"));
    assert!(order.is_empty() || order == ["second", "first"], "{order:?}");
}

#[test]
fn advisory_locks_keep_the_records_of_an_item_in_order() {
    let lock = |key: u8| format!("SELECT pg_advisory_xact_lock(77, {key})");
    let order = order_of_the_feed(&lock(1), &lock(2));
    assert!(order.is_empty() || order == ["first", "second"], "{order:?}");
}
