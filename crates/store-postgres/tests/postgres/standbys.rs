//! A primary with a standby that follows it: a primary that is lost under writers, and standbys that may lack what was
//! acknowledged.

use super::{get, open, options};
use std::collections::HashSet;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use store::contract::*;
use store::wait::wait;
use store_postgres::test_server::{TestServer, programs};
use store_postgres::{OpenError, Options, PostgresStore};

const FEED: FeedId = FeedId(9);
/// As all writers write: this many, each its own key and all of them one.
const WRITERS: u64 = 4;
const SHARED: &[u8] = b"shared";

/// A primary and its standby, whose copy of a commit is waited for.
struct Pair {
    primary: TestServer,
    standby: TestServer,
}

impl Pair {
    fn synchronous() -> Option<Pair> {
        let pair = Pair::asynchronous()?;
        pair.primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'");
        pair.primary.run("SELECT pg_reload_conf()");
        Some(pair)
    }

    fn asynchronous() -> Option<Pair> {
        let programs = TestServer::shared().and_then(|_| programs())?;
        let primary = TestServer::start(&programs, &[]).unwrap();
        let standby = primary.standby().unwrap();
        Some(Pair { primary, standby })
    }

    /// The standby becomes a primary.
    fn promote(&self) {
        self.standby.run("SELECT pg_promote()");
    }
}

fn number(row: Option<&[u8]>) -> u64 {
    row.map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()))
}

/// Adds one to a writer's row and to everybody's, and a record of it to the feed: all or nothing of it.
fn write(store: &PostgresStore, writer: u64) -> Result<Outcome, StoreError> {
    let own = writer.to_be_bytes();
    let decide = &mut |old: &OldRows<'_>| {
        let [mine, all] = [0, 1].map(|key| (number(old.get(key)) + 1).to_be_bytes());
        Decision::Commit(Plan {
            rows: vec![super::row(&own, &mine), super::row(SHARED, &all)],
            feed: vec![(FEED, [own, all].concat())],
            ..Plan::default()
        })
    };
    let keys = [&own[..], SHARED];
    store.mutate(Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide }).wait()
}

/// What a writer knows of its writes.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    acknowledged: u64,
    unknown: u64,
}

impl Tally {
    /// Writes once, and says whether that was acknowledged.
    fn write(&mut self, store: &PostgresStore, writer: u64) -> bool {
        match write(store, writer) {
            Ok(Outcome::Committed(_)) => self.acknowledged += 1,
            Ok(Outcome::Unknown(_)) => self.unknown += 1,
            Err(StoreError::Unavailable(_)) => return false,
            other => panic!("{other:?}"),
        }
        true
    }

    /// Writes until so many more are acknowledged, whatever is refused meanwhile.
    fn reach(&mut self, store: &PostgresStore, more: u64) {
        let wanted = self.acknowledged + more;
        while self.acknowledged < wanted {
            self.write(store, writer_of_nobody());
        }
    }
}

/// The writer that writes while all others rest.
fn writer_of_nobody() -> u64 {
    WRITERS
}

/// The feed, as a reader has it who follows it until there is an end and he has it all.
fn follow(store: &PostgresStore, has_ended: &AtomicBool) -> Vec<Vec<u8>> {
    let (mut cursor, mut seen) = (FeedCursor::START, Vec::new());
    loop {
        let ends = has_ended.load(Ordering::SeqCst);
        let (before, after) = (seen.len(), cursor);
        let visit = &mut |record: FeedRecord<'_>| {
            cursor = record.cursor();
            seen.push(record.bytes.to_vec());
            Visit::Continue
        };
        // A database that is away is asked again.
        let read = store.tail(FEED, after, 100, visit).wait();
        if ends && read.is_ok() && seen.len() == before {
            return seen;
        }
    }
}

#[test]
fn a_primary_that_is_killed_and_replaced_under_writers_and_a_reader() {
    let Some(pair) = Pair::synchronous() else { return };
    let url = pair.primary.url_with(&pair.standby);
    let options = Options { url, patience: Duration::from_secs(2), ..options(&pair.primary) };
    let (store, has_ended) = (open(&options), AtomicBool::new(false));
    let mut after = Tally::default();
    after.reach(&store, 1);
    let (tallies, seen) = thread::scope(|scope| {
        let reader = scope.spawn(|| follow(&store, &has_ended));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let store = &store;
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    while tally.write(store, writer) {}
                    tally
                })
            })
            .collect();
        while get(&*store, SHARED).map_or(0, |row| number(Some(&row))) < 50 {
            thread::yield_now();
        }
        pair.primary.kill();
        let tallies: Vec<Tally> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        pair.promote();
        after.reach(&store, 20);
        has_ended.store(true, Ordering::SeqCst);
        (tallies, reader.join().unwrap())
    });
    let all: Vec<Tally> = tallies.into_iter().chain([after]).collect();
    let mut sum = 0;
    for (writer, Tally { acknowledged, unknown }) in (0..).zip(&all) {
        let found = number(get(&*store, &u64::to_be_bytes(writer)).as_deref());
        assert!((*acknowledged..=acknowledged + unknown).contains(&found), "{writer}: {found} {all:?}");
        sum += found;
    }
    assert_eq!(number(get(&*store, SHARED).as_deref()), sum, "writes of two rows are whole");
    let order: Vec<u64> = seen.iter().map(|record| number(record.get(8..))).collect();
    assert_eq!(order, (1..=sum).collect::<Vec<_>>(), "the reader has each record once, in order");
}

/// The value of a key as a strongly consistent read has it.
fn strong(store: &PostgresStore, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Strong, visit).wait()?;
    Ok(found)
}

/// One that stood still while its standby was promoted goes on as if nothing had been.
#[test]
fn a_primary_that_was_replaced_is_neither_read_nor_written() {
    let Some(pair) = Pair::synchronous() else { return };
    let url = pair.primary.url_with(&pair.standby);
    let options = Options { url, patience: Duration::from_secs(2), ..options(&pair.primary) };
    let store = open(&options);
    super::put(&*store, b"k", b"old");
    // All connections that read stand.
    for _ in 0..2 * options.readers {
        assert_eq!(strong(&store, b"k"), Ok(Some(b"old".to_vec())));
    }
    pair.primary.stop();
    pair.promote();
    while !matches!(put_if_it_can(&store, b"k", b"new"), Ok(Outcome::Committed(_))) {}
    pair.primary.go_on();
    for _ in 0..10 * options.readers {
        assert_eq!(strong(&store, b"k"), Ok(Some(b"new".to_vec())), "as the latest primary has it");
    }
    pair.standby.kill();
    while strong(&store, b"k").is_ok() {}
    for _ in 0..2 * options.readers {
        let refused = strong(&store, b"k").unwrap_err().to_string();
        assert!(refused.contains("replaced by another one"), "{refused}");
    }
    assert!(put_if_it_can(&store, b"k", b"lost").is_err());
    assert!(store.health().is_err());
}

fn put_if_it_can(store: &PostgresStore, key: &[u8], value: &[u8]) -> Result<Outcome, StoreError> {
    let plan = Plan { rows: vec![super::row(key, value)], ..Plan::default() };
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys: &[key], fences: &[], locking: Locking::Single, decide }).wait()
}

/// Ends a commit that waits for the standby: it has happened at the primary, and its client is not told.
const END_A_WAIT: &str = "DO $$ BEGIN \
     WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep') LOOP \
     PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; \
     PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'; END $$";

/// Opens so many connections that write, by writes that begin within each other. Another one cannot be opened while
/// commits wait.
fn open_writers(store: &PostgresStore, count: u8) {
    let decide = &mut |_: &OldRows<'_>| {
        if count > 1 {
            open_writers(store, count - 1);
        }
        Decision::Refuse
    };
    let write = Mutation { keys: &[&[count]], fences: &[], locking: Locking::Single, decide };
    assert_eq!(store.mutate(write).wait(), Ok(Outcome::Refused));
}

/// It would be gone with the primary.
#[test]
fn what_only_the_primary_has_is_neither_acknowledged_nor_refused_by() {
    let Some(pair) = Pair::synchronous() else { return };
    let store = open(&Options { patience: Duration::from_secs(1), ..options(&pair.primary) });
    super::put(&*store, b"k", b"old");
    open_writers(&store, 6);
    pair.standby.stop();
    let outcome = thread::scope(|scope| {
        let write = scope.spawn(|| put_if_it_can(&store, b"k", b"new"));
        pair.primary.run(END_A_WAIT);
        write.join().unwrap()
    });
    assert!(matches!(outcome, Ok(Outcome::Unknown(_))), "{outcome:?}");
    let mut seen = None;
    let decide = &mut |old: &OldRows<'_>| {
        seen = old.get(0).map(<[u8]>::to_vec);
        Decision::Refuse
    };
    let write = Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide };
    let refused = store.mutate(write).wait();
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(seen.as_deref(), Some(&b"new"[..]), "that is what would have been told");
    pair.standby.go_on();
    let decide = &mut |_: &OldRows<'_>| Decision::Refuse;
    while store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide }).wait()
        != Ok(Outcome::Refused)
    {}
    let Ok(Outcome::Unknown(commit)) = outcome else { unreachable!("as was asserted") };
    assert!(matches!(store.resolve(commit).wait(), Ok(Some(_))), "the standby has it now");
}

/// A server that listens to a primary that stands still hears of changes again at the next one.
#[test]
fn who_listens_to_a_primary_that_was_replaced_listens_to_the_next_one() {
    let Some(pair) = Pair::synchronous() else { return };
    let url = pair.primary.url_with(&pair.standby);
    let options = Options { url, patience: Duration::from_secs(2), ..options(&pair.primary) };
    let (one, other) = (open(&options), open(&options));
    let watch = other.watch(b"d");
    pair.primary.stop();
    pair.promote();
    for store in [&one, &other] {
        while !matches!(put_if_it_can(store, b"k", b"v"), Ok(Outcome::Committed(_))) {}
    }
    // What it has missed meanwhile may be anything.
    wait(watch.changed(0));
    assert_eq!(watch.take(), Changed::Any);
    let seen = watch.version();
    let document = RecordWrite { key: b"d".to_vec(), document: Some(b"new".to_vec()) };
    super::commit(&*one, &[b"w"], &Plan { records: vec![document], ..Plan::default() });
    wait(watch.changed(seen));
    assert_eq!(watch.take(), Changed::Keys([b"d".to_vec()].into()));
    pair.primary.kill();
}

#[test]
fn a_standby_that_comes_first_in_the_url_is_passed_over() {
    let Some(pair) = Pair::synchronous() else { return };
    let options = Options { url: pair.standby.url_with(&pair.primary), ..options(&pair.primary) };
    super::put(&*open(&options), b"k", b"v");
    let alone = Options { url: pair.standby.url(), ..options };
    let refused = PostgresStore::open(alone).map(|_| ()).unwrap_err();
    assert!(matches!(refused, OpenError::Unreachable(_)), "{refused:?}");
    assert!(refused.to_string().contains("does not allow writes"), "{refused}");
}

/// Also for a user who may not look into the sessions of others.
#[test]
fn a_primary_whose_standbys_are_all_asynchronous() {
    let Some(pair) = Pair::asynchronous() else { return };
    let options = options(&pair.primary);
    pair.primary.run(&format!("CREATE USER guest; CREATE SCHEMA {} AUTHORIZATION guest", options.schema));
    let url = pair.primary.url().replace("user=stator", "user=guest");
    let guest = Options { url, ..options };
    let mut refusals = HashSet::new();
    // The standby may not have connected yet.
    while refusals.is_empty() {
        if let Err(refused) = PostgresStore::open(guest.clone()) {
            refusals.insert(refused.to_string());
        }
    }
    assert!(refusals.iter().all(|why| why.contains("none is synchronous")), "{refusals:?}");
    super::put(&*open(&Options { accept_loss: true, ..guest.clone() }), b"k", b"v");
    pair.primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'");
    pair.primary.run("SELECT pg_reload_conf()");
    while PostgresStore::open(guest.clone()).is_err() {
        thread::yield_now();
    }
}

/// The value of a key as an eventually consistent read has it.
fn eventual(store: &PostgresStore, key: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Eventual, visit).wait().unwrap();
    found
}

/// How many eventually consistent reads were answered there.
fn reads(store: &PostgresStore, there: &str) -> f64 {
    let measures = wait(store.measures()).into_iter();
    let mut reads = measures.filter(|measure| measure.name == "stator_postgres_eventual_reads_total");
    reads.find(|measure| measure.label.as_ref().is_some_and(|(_, at)| at == there)).unwrap().value
}

/// Reads until one more was answered there.
fn read_until(store: &PostgresStore, there: &str, key: &[u8]) {
    let before = reads(store, there);
    while reads(store, there) == before {
        eventual(store, key);
    }
}

fn open_with_replica(pair: &Pair) -> Arc<PostgresStore> {
    open(&Options { read_replicas: Some(pair.standby.url()), ..options(&pair.primary) })
}

#[test]
fn a_replica_is_read_as_long_as_it_keeps_up() {
    let Some(pair) = Pair::synchronous() else { return };
    let store = open_with_replica(&pair);
    super::put(&*store, b"k", b"1");
    read_until(&store, "replica", b"k");
    // Everything that the primary had when it was asked is shown.
    assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"1"[..]));
    pair.standby.run("SELECT pg_wal_replay_pause()");
    super::put(&*store, b"k", b"2");
    read_until(&store, "primary", b"k");
    let at_replica = reads(&store, "replica");
    for _ in 0..100 {
        assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"2"[..]), "the replica does not have it");
    }
    assert_eq!(reads(&store, "replica"), at_replica);
    pair.standby.run("SELECT pg_wal_replay_resume()");
    read_until(&store, "replica", b"k");
    assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"2"[..]));
}

#[test]
fn ranges_and_many_keys_are_read_at_a_replica() {
    let Some(pair) = Pair::synchronous() else { return };
    let store = open_with_replica(&pair);
    for key in [b"a", b"b", b"c"] {
        super::put(&*store, key, key);
    }
    read_until(&store, "replica", b"a");
    let (mut keys, mut rows) = (Vec::new(), Vec::new());
    let before = reads(&store, "replica");
    while reads(&store, "replica") < before + 2.0 {
        keys.clear();
        rows.clear();
        let read = RangeRead {
            range: KeyRange { start: Bound::Unbounded, end: Bound::Unbounded },
            direction: Direction::Reverse,
            consistency: Consistency::Eventual,
            rows_expected: 10,
        };
        let visit = &mut |key: &[u8], _: &[u8]| {
            keys.push(key.to_vec());
            Visit::Continue
        };
        store.range(read, visit).wait().unwrap();
        let visit = &mut |_: usize, row: Option<&[u8]>| {
            rows.push(row.map(<[u8]>::to_vec));
            Visit::Continue
        };
        store.get_many(&[b"c", b"none", b"a"], Consistency::Eventual, visit).wait().unwrap();
    }
    assert_eq!(keys, [b"c", b"b", b"a"]);
    assert_eq!(rows, [Some(b"c".to_vec()), None, Some(b"a".to_vec())]);
}

/// A checkpoint of the new primary may be long in coming.
#[test]
fn a_replica_is_read_again_once_it_follows_a_new_primary() {
    let Some(programs) = TestServer::shared().and_then(|_| programs()) else { return };
    let primary = TestServer::start(&programs, &["checkpoint_timeout=1h"]).unwrap();
    let (next, replica) = (primary.standby().unwrap(), primary.standby().unwrap());
    primary.run("ALTER SYSTEM SET synchronous_standby_names = '2 (*)'");
    primary.run("SELECT pg_reload_conf()");
    let store = open(&Options {
        url: primary.url_with(&next),
        read_replicas: Some(replica.url()),
        accept_loss: true,
        patience: Duration::from_secs(2),
        ..options(&primary)
    });
    super::put(&*store, b"k", b"old");
    read_until(&store, "replica", b"k");
    primary.kill();
    next.run("SELECT pg_promote()");
    while !matches!(put_if_it_can(&store, b"k", b"new"), Ok(Outcome::Committed(_))) {}
    // It has not heard of it yet, and what the last primary was asked for holds for a second.
    read_until(&store, "primary", b"k");
    assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"new"[..]));
    replica.run(&format!("ALTER SYSTEM SET primary_conninfo = '{}'", next.url()));
    replica.run("SELECT pg_reload_conf()");
    read_until(&store, "replica", b"k");
    assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"new"[..]));
}

#[test]
fn a_replica_that_is_gone_or_stopped_is_passed_over() {
    let Some(mut pair) = Pair::asynchronous() else { return };
    let replicas = Some(pair.standby.url());
    let store = open(&Options {
        read_replicas: replicas,
        accept_loss: true,
        patience: Duration::from_secs(2),
        ..options(&pair.primary)
    });
    super::put(&*store, b"k", b"1");
    read_until(&store, "replica", b"k");
    pair.standby.stop();
    super::put(&*store, b"k", b"2");
    read_until(&store, "primary", b"k");
    assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"2"[..]));
    pair.standby.go_on();
    read_until(&store, "replica", b"k");
    pair.standby.kill();
    read_until(&store, "primary", b"k");
    assert!(store.health().is_ok(), "writes do not need it");
    pair.standby.start_again().unwrap();
    read_until(&store, "replica", b"k");
    assert_eq!(eventual(&store, b"k").as_deref(), Some(&b"2"[..]));
}
