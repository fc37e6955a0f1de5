//! A connection that is cut where a commit is sent: before the database has it, or before its answer is back.

use super::{get, options};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use stdx::ManualClock;
use store::contract::*;
use store_postgres::test_server::TestServer;
use store_postgres::{Options, PostgresStore};

/// The simple query that ends a transaction, as it is on the wire.
const COMMIT: &[u8] = b"COMMIT\0";

/// Carries bytes to the server and back, and cuts the connection at one commit of so many.
struct Cutter {
    socket: PathBuf,
    one_of: u64,
    commits: AtomicU64,
}

impl Cutter {
    /// Starts one, and returns the URL that leads through it.
    fn start(server: &TestServer, one_of: u64) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cutter = Arc::new(Cutter { socket: server.socket(), one_of, commits: AtomicU64::new(0) });
        let accept = move || {
            for client in listener.incoming().flatten() {
                let cutter = Arc::clone(&cutter);
                spawn(move || cutter.carry(client));
            }
        };
        spawn(accept);
        format!("postgres://stator@127.0.0.1:{port}/postgres")
    }

    fn carry(&self, mut client: TcpStream) {
        let mut server = UnixStream::connect(&self.socket).unwrap();
        let (mut back, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        spawn(move || {
            std::io::copy(&mut back, &mut to_client).ok();
            to_client.shutdown(Shutdown::Both).ok();
        });
        let mut bytes = [0; 64 << 10];
        while let Ok(length @ 1..) = client.read(&mut bytes) {
            let part = &bytes[..length];
            // What is pipelined in front of a commit is in the same write; a part of the word is not looked for.
            let commits = part.windows(COMMIT.len()).any(|window| window == COMMIT);
            let number = if commits { self.commits.fetch_add(1, Ordering::SeqCst) + 1 } else { 1 };
            if !number.is_multiple_of(self.one_of) {
                server.write_all(part).ok();
                continue;
            }
            client.shutdown(Shutdown::Both).ok();
            if (number / self.one_of).is_multiple_of(2) {
                server.write_all(part).ok();
            }
            break;
        }
        server.shutdown(Shutdown::Write).ok();
    }
}

fn spawn(run: impl FnOnce() + Send + 'static) {
    thread::Builder::new().spawn(run).unwrap();
}

fn open(server: &TestServer, one_of: u64) -> PostgresStore {
    let options = Options { url: Cutter::start(server, one_of), ..options(server) };
    PostgresStore::open(options).unwrap()
}

/// Every outcome is known in the end, and each increment has happened once.
#[test]
fn commits_whose_answers_are_lost_are_settled() {
    let Some(server) = TestServer::shared() else { return };
    let store = open(server, 3);
    const COUNT: u64 = 40;
    let mut last = Position(0);
    for number in 0..COUNT {
        let decide = &mut |old: &OldRows<'_>| {
            let old = old.get(0).map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()));
            assert_eq!(old, number, "each increment once");
            let (row, record) = (super::row(b"n", &(old + 1).to_be_bytes()), number.to_be_bytes().to_vec());
            Decision::Commit(Plan { rows: vec![row], feed: vec![(FeedId(1), record)], ..Plan::default() })
        };
        let mutation = Mutation { keys: &[b"n"], fences: &[], locking: Locking::Single, decide };
        let outcome = store.mutate(mutation).wait().unwrap();
        let Outcome::Committed(stamp) = outcome else { panic!("{outcome:?}") };
        assert!(stamp.position > last);
        last = stamp.position;
    }
    assert_eq!(get(&store, b"n"), Some(COUNT.to_be_bytes().to_vec()));
    let mut records = Vec::new();
    let visit = &mut |record: FeedRecord<'_>| {
        records.push(u64::from_be_bytes(record.bytes.try_into().unwrap()));
        Visit::Continue
    };
    store.tail(FeedId(1), FeedCursor::START, usize::MAX, visit).wait().unwrap();
    assert!(records.iter().copied().eq(0..COUNT), "{records:?}");
}

/// What a session has left may be gone by the time it is asked for: then nobody knows, and nothing is done twice.
#[test]
fn a_commit_of_which_there_is_no_evidence_stays_unknown() {
    let Some(server) = TestServer::shared() else { return };
    // The second of each pair of cuts is behind the commit.
    let patience = Duration::from_millis(500);
    let options = Options { url: Cutter::start(server, 2), patience, ..options(server) };
    let store = PostgresStore::open(options.clone()).unwrap();
    let (mut count, mut unknown) = (0, 0);
    while unknown < 2 {
        // Sessions that began long ago are forgotten once they have ended, by the next one that begins.
        server.run(&format!("UPDATE {}.sessions SET begun = begun - interval '2 days'", options.schema));
        let decide = &mut |old: &OldRows<'_>| {
            let old = old.get(0).map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()));
            assert!((count..=count + 1).contains(&old), "no increment twice");
            count = old;
            let row = super::row(b"n", &(old + 1).to_be_bytes());
            Decision::Commit(Plan { rows: vec![row], ..Plan::default() })
        };
        let mutation = Mutation { keys: &[b"n"], fences: &[], locking: Locking::Single, decide };
        match store.mutate(mutation).wait() {
            Ok(Outcome::Committed(_)) => count += 1,
            Ok(Outcome::Unknown(_)) => unknown += 1,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_connection_that_writes_is_not_used_for_longer_than_its_evidence_is_kept() {
    let Some(server) = TestServer::shared() else { return };
    let clock = Arc::new(ManualClock::at(1));
    let options = Options { clock: clock.clone(), writers: 1, ..options(server) };
    let store = super::open(&options);
    let observer = super::feed_order::Session::open(server, &options.schema);
    let sessions = || {
        super::put(&*store, b"k", b"v");
        observer.texts("SELECT session::text FROM sessions").len()
    };
    assert_eq!([sessions(), sessions()], [1, 1]);
    clock.advance_micros(13 * 60 * 60 * 1_000_000);
    assert_eq!([sessions(), sessions()], [2, 2]);
}

/// As a dump has them that is restored into an earlier copy of its server.
#[test]
fn ids_that_a_server_has_not_given_out_yet_are_of_an_earlier_epoch() {
    let Some(server) = TestServer::shared() else { return };
    let options = options(server);
    let write = || {
        let Outcome::Committed(stamp) = super::put(&*super::open(&options), b"k", b"v") else {
            panic!("it is written")
        };
        stamp.position.0
    };
    let (first, second) = (write(), write());
    assert_eq!(first >> 64, second >> 64);
    server.run(&format!("UPDATE {}.sessions SET xid = xid + 1000000", options.schema));
    let third = write();
    assert_eq!(third >> 64, (second >> 64) + 1);
    assert_eq!(write() >> 64, third >> 64);
}

#[test]
fn a_store_whose_answers_are_lost_conforms() {
    let Some(server) = TestServer::shared() else { return };
    const SOME: [&str; 4] = ["a plan is all", "a row is put", "mutate_each", "trim forgets"];
    for (name, check) in store_suite::conformance::checks() {
        if SOME.iter().any(|some| name.starts_with(some)) {
            println!("{name}");
            check(&open(server, 3));
        }
    }
}
