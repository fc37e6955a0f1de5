//! The contract's suite and its random test.

use super::{open, options};
use std::sync::Arc;
use store::Store;
use store_postgres::Options;
use store_postgres::test_server::TestServer;
use store_suite::random_test::{Length, RandomTest};

#[test]
fn conformance() {
    let Some(server) = TestServer::shared() else { return };
    store_suite::conformance::run(&mut || open(&options(server)));
}

#[test]
fn random_operations() {
    let Some(server) = TestServer::shared() else { return };
    let options = options(server);
    let reopen = |store: Arc<dyn Store>| {
        store.close().unwrap();
        drop(store);
        open(&options) as Arc<dyn Store>
    };
    let mut test = RandomTest::new(11, Length::Operations(300));
    test.round_operations = 100;
    test.reopen = Some(&reopen);
    let report = test.run(open(&options));
    println!("{} operations, {} reopens", report.operations, report.reopens);
    assert_eq!(report.wrong, 0, "{:#?}", report.descriptions);
}

/// Fewer connections than writers.
#[test]
fn random_operations_over_two_connections() {
    let Some(server) = TestServer::shared() else { return };
    let options = Options { writers: 2, readers: 1, ..options(server) };
    let test = RandomTest { round_operations: 60, ..RandomTest::new(12, Length::Operations(60)) };
    let report = test.run(open(&options));
    assert_eq!(report.wrong, 0, "{:#?}", report.descriptions);
}
