//! A store that goes on at random while it is copied, and a schema that follows it.

use super::super::copying::{Copied, copy};
use super::*;
use std::path::Path;
use std::time::Duration;
use stdx::Random;
use store::{Decision, Locking, Mutation, OldRows, Plan, RowWrite};
use store_embedded::{Asked, Moving, Options, Profile, Purpose};
use store_postgres::test_server::TestServer;

fn open(dir: &Path, purpose: Purpose) -> EmbeddedStore {
    let profile = Profile { log_file_bytes: 64 << 10, block_cache_bytes: 1 << 20, ..Profile::local() };
    EmbeddedStore::open(dir, Options { profile, purpose, ..Options::default() }).expect("it opens")
}

/// Commits something: rows of a few tables, records of a few feeds; tables are dropped, and feeds trimmed, meanwhile.
fn commit(store: &EmbeddedStore, random: &Random) {
    let [kind, table, key, size, feed] = random.draw::<5>();
    let prefix = [(table % 4) as u8];
    let feed = FeedId(if feed % 8 == 7 { u64::MAX - 1 } else { feed % 4 });
    match kind % 40 {
        0 => drop(store.drop_range(&prefix).wait().expect("it drops")),
        1..4 => {
            let position = Position((1 + key % end(store).max(1)).into());
            let up_to = FeedCursor { position, index: (size % 3) as u32 };
            drop(store.trim(feed, up_to).wait().expect("it trims"));
        }
        4 => store.flush(),
        _ => {
            let row = |number: u64| RowWrite {
                key: [&prefix[..], &(number % 500).to_be_bytes()].concat(),
                row: (kind % 3 > 0).then(|| vec![number as u8; (size % 700) as usize + 1]),
            };
            let rows = (0..1 + size % 4).map(|more| row(key.wrapping_add(more * 7)));
            let records = (0..size % 3).map(|more| (feed, vec![more as u8; (key % 300) as usize]));
            let plan = Plan { rows: rows.collect(), feed: records.collect(), ..Plan::default() };
            let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
            let mutation = Mutation { keys: &[], fences: &[], locking: Locking::Single, decide };
            store.mutate(mutation).wait().expect("it commits");
        }
    }
}

/// The copy that an open store makes.
fn copied(moving: &Moving) -> EmbeddedStore {
    moving.ask().expect("it asks");
    loop {
        match moving.copy().expect("it looks") {
            Asked::Copy(path) => return open(&path, Purpose::ReadCopy),
            Asked::Waiting => std::thread::park_timeout(Duration::from_millis(20)),
            Asked::Refused(why) => panic!("{why}"),
        }
    }
}

fn end(store: &EmbeddedStore) -> u64 {
    store.durable().position.0 as u64
}

#[test]
fn a_schema_follows_a_store_that_goes_on() {
    let Some(server) = TestServer::shared() else { return };
    let options = store_postgres::Options {
        schema: TestServer::new_schema(),
        ..store_postgres::Options::of(&server.url())
    };
    let (folder, seed) = (tempfile::tempdir().expect("a folder"), Random::from_os().next_u64());
    println!("seed {seed}");
    let (dir, random) = (folder.path().join("data"), Random::from_seed(seed));
    let mut store = open(&dir, Purpose::Serve);
    (0..300).for_each(|_| commit(&store, &random));
    let moving = Moving::begin(&dir).expect("it begins");
    let series = moving.series().expect("it is kept");
    let filling = Filling::begin(&options, moving.source()).expect("it begins");
    let changes = moving.changes();

    let copy_of = copied(&moving);
    (0..300).for_each(|_| commit(&store, &random));
    copy(&copy_of, &filling).expect("it copies");
    let at = end(&copy_of);
    filling.note(&Progress { series, written: at, compared: at }).expect("it notes");
    drop(copy_of);

    for round in 0..4 {
        (0..400).for_each(|_| commit(&store, &random));
        if round == 1 {
            store.close().expect("it closes");
            drop(store);
            store = open(&dir, Purpose::Serve);
        }
        let copy_of = copied(&moving);
        (0..100).for_each(|_| commit(&store, &random));
        let Progress { written, .. } = filling.progress().expect("it has come so far");
        let half = written + (end(&copy_of) - written) / 2;
        write(&changes, &filling, written, half).expect("it writes some"); // and is interrupted
        let again = written + (half - written) / 2;
        filling
            .note(&Progress { written: again, ..filling.progress().expect("progress") })
            .expect("it notes");
        let Followed(count) = follow(&copy_of, &changes, &filling, end(&copy_of)).expect("it follows");
        assert!(count > 100, "{count}");
        let Copied { replaced, rows, records } = copy(&copy_of, &filling).expect("it compares");
        assert_eq!(replaced, 0, "{rows} rows, {records} records");
        drop(copy_of);
        moving.forget_copy().expect("it is removed");
    }

    store.close().expect("it closes");
    drop(store);
    let store = open(&dir, Purpose::Move);
    let Followed(count) = follow(&store, &changes, &filling, end(&store)).expect("it follows");
    assert!(count > 50, "{count}");
    assert_eq!(copy(&store, &filling).expect("it compares").replaced, 0);
    assert_eq!(follow(&store, &changes, &filling, end(&store)).expect("nothing is left"), Followed(0));
}

#[test]
fn a_log_that_was_not_kept_and_a_schema_that_was_touched_are_noticed() {
    let Some(server) = TestServer::shared() else { return };
    let options = store_postgres::Options {
        schema: TestServer::new_schema(),
        ..store_postgres::Options::of(&server.url())
    };
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    let store = open(&dir, Purpose::Serve);
    let moving = Moving::begin(&dir).expect("it begins");
    let series = moving.series().expect("it is kept");
    let filling = Filling::begin(&options, moving.source()).expect("it begins");
    let mut key = 0_u64;
    let mut put = |count: u64| {
        for _ in 0..count {
            key += 1;
            let row = RowWrite { key: key.to_be_bytes().to_vec(), row: Some(vec![1; 900]) };
            let plan = Plan { rows: vec![row], ..Plan::default() };
            let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
            let mutation = Mutation { keys: &[], fences: &[], locking: Locking::Single, decide };
            store.mutate(mutation).wait().expect("it commits");
        }
    };
    put(100);
    filling.note(&Progress { series, written: 0, compared: 0 }).expect("it notes");
    let first = copied(&moving);
    follow(&first, &moving.changes(), &filling, end(&first)).expect("it follows");
    drop(first);
    // Something else writes what is about to be written, and nobody writes it again.
    put(100);
    let second = copied(&moving);
    write(&moving.changes(), &filling, 100, end(&second)).expect("it writes");
    filling.put_rows(&[(150_u64.to_be_bytes().to_vec(), vec![2])]).expect("it takes it");
    let touched = follow(&second, &moving.changes(), &filling, end(&second));
    assert!(
        matches!(&touched, Err(NotFollowed::NotWhole(why)) if why.contains("not as they were")),
        "{touched:?}"
    );
    drop(second);
    assert_eq!(filling.progress().expect("progress").compared, 100);
    put(400);
    store.flush();
    for entry in std::fs::read_dir(dir.join("moving/log")).expect("the folder").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            std::fs::remove_file(entry.path()).expect("it is removed");
        }
    }
    let third = copied(&moving);
    let lost = follow(&third, &moving.changes(), &filling, end(&third));
    assert!(matches!(&lost, Err(NotFollowed::NotWhole(why)) if why.contains("has no commit")), "{lost:?}");
}
