//! What a store tells of the database and of itself.

use super::feed_order::Session;
use super::{open, options};
use store::Store;
use store::wait::wait;
use store_postgres::PostgresStore;
use store_postgres::test_server::{TestServer, programs};

fn told(store: &PostgresStore, name: &str) -> Vec<(Option<String>, f64)> {
    let measures = wait(store.measures()).into_iter().filter(|measure| measure.name == name);
    measures.map(|measure| (measure.label.map(|(_, label)| label), measure.value)).collect()
}

fn horizon_age(store: &PostgresStore) -> f64 {
    let [(None, age)] = told(store, "stator_postgres_horizon_age_seconds")[..] else { panic!("it answers") };
    age
}

#[test]
fn the_horizon_ages_while_a_transaction_is_open() {
    let Some(server) = TestServer::shared() else { return };
    let options = options(server);
    let store = open(&options);
    let other = Session::open(server, &options.schema);
    other.run("BEGIN; SELECT pg_current_xact_id()");
    while horizon_age(&store) < 0.1 {}
    other.run("ROLLBACK");
    while horizon_age(&store) >= 0.1 {}
}

#[test]
fn standbys_are_counted_by_how_they_are_waited_for() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let primary = TestServer::start(&programs, &[]).unwrap();
    let store = open(&options(&primary));
    let standbys = || told(&store, "stator_postgres_standbys");
    assert_eq!(standbys(), []);
    let _standby = primary.standby().unwrap();
    while standbys() != [(Some("async".to_owned()), 1.0)] {}
    primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.run("SELECT pg_reload_conf()");
    while standbys() != [(Some("sync".to_owned()), 1.0)] {}
    let lags = told(&store, "stator_postgres_replay_lag_seconds");
    assert!(matches!(&lags[..], [(Some(state), lag)] if state == "sync" && *lag >= 0.0), "{lags:?}");
}

#[test]
fn connections_that_failed_and_those_in_use_are_told_without_the_database() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let server = TestServer::start(&programs, &[]).unwrap();
    let store = open(&options(&server));
    assert_eq!(told(&store, "stator_postgres_connection_failures_total"), [(None, 0.0)]);
    assert_eq!(told(&store, "stator_postgres_writers_in_use_ratio"), [(None, 0.0)]);
    server.kill();
    while told(&store, "stator_postgres_connection_failures_total")[0].1 < 1.0 {}
    assert_eq!(told(&store, "stator_postgres_horizon_age_seconds"), []);
}
