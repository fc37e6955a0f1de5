//! A database that is gone, stopped, full or read-only for a while: calls end with an error, nothing that was
//! acknowledged is lost, and the store goes on by itself.

use super::{get, options, put};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::thread;
use std::time::Duration;
use store::contract::*;
use store_postgres::test_server::{TestServer, programs};
use store_postgres::{Options, PostgresStore};

/// A server that only these tests use, one after the other.
fn own_server() -> Option<MutexGuard<'static, TestServer>> {
    static OWN: OnceLock<Mutex<TestServer>> = OnceLock::new();
    let programs = TestServer::shared().and_then(|_| programs())?;
    let own = OWN.get_or_init(|| Mutex::new(TestServer::start(&programs, &[]).unwrap()));
    Some(own.lock().unwrap())
}

/// A store that does not wait for long, also where the machine is slow.
fn impatient(server: &TestServer) -> PostgresStore {
    let options = Options { patience: Duration::from_secs(2), ..options(server) };
    loop {
        match PostgresStore::open(options.clone()) {
            Ok(store) => return store,
            Err(error) => eprintln!("{error}"),
        }
    }
}

/// Adds one to a counter, and returns what it was before, as far as the commit is known to have happened.
fn increment(store: &PostgresStore) -> Result<Outcome, StoreError> {
    let decide = &mut |old: &OldRows<'_>| {
        let old = old.get(0).map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()));
        let row = super::row(b"n", &(old + 1).to_be_bytes());
        Decision::Commit(Plan { rows: vec![row], ..Plan::default() })
    };
    store.mutate(Mutation { keys: &[b"n"], fences: &[], locking: Locking::Single, decide }).wait()
}

fn count(store: &PostgresStore) -> u64 {
    get(store, b"n").map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()))
}

/// How many increments were acknowledged, and how many may have happened.
#[derive(Default)]
struct Tally {
    acknowledged: u64,
    unknown: u64,
}

impl Tally {
    fn add(&mut self, ended: &Result<Outcome, StoreError>) {
        match ended {
            Ok(Outcome::Committed(_)) => self.acknowledged += 1,
            Ok(Outcome::Unknown(_)) => self.unknown += 1,
            Err(StoreError::Unavailable(_)) => (),
            other => panic!("{other:?}"),
        }
    }

    /// Increments until one is acknowledged.
    fn reach_an_answer(&mut self, store: &PostgresStore) {
        let acknowledged = self.acknowledged;
        while self.acknowledged == acknowledged {
            self.add(&increment(store));
        }
    }

    fn assert_fits(&self, count: u64) {
        let Tally { acknowledged, unknown } = *self;
        assert!((acknowledged..=acknowledged + unknown).contains(&count), "{acknowledged} {unknown} {count}");
    }
}

/// Writes until the database is gone for this writer.
fn write_until_refused(store: &PostgresStore) -> Tally {
    let mut tally = Tally::default();
    loop {
        let ended = increment(store);
        tally.add(&ended);
        if !matches!(ended, Ok(Outcome::Committed(_))) {
            return tally;
        }
    }
}

#[test]
fn a_database_that_is_killed_under_writers_and_started_again() {
    let Some(mut server) = own_server() else { return };
    let (store, mut sum) = (impatient(&server), Tally::default());
    sum.reach_an_answer(&store);
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let writers: Vec<_> = (0..4).map(|_| scope.spawn(|| write_until_refused(&store))).collect();
        server.kill();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert!(matches!(increment(&store), Err(StoreError::Unavailable(_))), "it is gone");
    assert!(store.health().is_err());
    server.start_again().unwrap();
    sum.reach_an_answer(&store);
    assert!(store.health().is_ok());
    for Tally { acknowledged, unknown } in tallies {
        sum.acknowledged += acknowledged;
        sum.unknown += unknown;
    }
    sum.assert_fits(count(&store));
}

#[test]
fn a_database_that_is_stopped_answers_no_call_and_holds_none() {
    let Some(server) = own_server() else { return };
    let (store, mut tally) = (impatient(&server), Tally::default());
    tally.reach_an_answer(&store);
    server.stop();
    thread::scope(|scope| {
        let reader = scope.spawn(|| store.get(b"n", Consistency::Strong, &mut |_| ()).wait());
        assert!(matches!(increment(&store), Err(StoreError::Unavailable(_))));
        assert!(matches!(reader.join().unwrap(), Err(StoreError::Unavailable(_))));
    });
    server.go_on();
    tally.reach_an_answer(&store);
    tally.assert_fits(count(&store));
}

#[test]
fn a_database_that_takes_no_writes_for_a_while() {
    let Some(server) = own_server() else { return };
    let (store, mut tally) = (impatient(&server), Tally::default());
    tally.reach_an_answer(&store);
    let set = |value| format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
    server.run(&set("on"));
    server.run("SELECT pg_reload_conf()");
    // Its processes read the setting when they are told, one after the other.
    let refused = loop {
        let ended = increment(&store);
        tally.add(&ended);
        match ended {
            Err(StoreError::Unavailable(why)) if why.contains("read-only") || why.contains("writes") => {
                break why;
            }
            _ => (),
        }
    };
    println!("{refused}");
    server.run(&set("off"));
    server.run("SELECT pg_reload_conf()");
    tally.reach_an_answer(&store);
    tally.assert_fits(count(&store));
}

/// The disk itself is not filled: the table answers as a full one does.
#[test]
fn a_database_without_room_refuses_rows_and_goes_on_reading() {
    let Some(server) = TestServer::shared() else { return };
    let options = options(server);
    let store = super::open(&options);
    put(&*store, b"k", b"1");
    let schema = &options.schema;
    server.run(&format!(
        "CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON {schema}.rows EXECUTE FUNCTION {schema}.refuse()"
    ));
    assert!(matches!(increment(&store), Err(StoreError::Full(_))));
    assert_eq!(get(&*store, b"k").as_deref(), Some(&b"1"[..]));
    server.run(&format!("DROP TRIGGER refuse ON {schema}.rows"));
    assert!(matches!(increment(&store), Ok(Outcome::Committed(_))));
    assert_eq!(count(&store), 1);
}
