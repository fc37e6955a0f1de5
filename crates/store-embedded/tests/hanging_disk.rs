//! While the disk hangs, everything that is in memory is served.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod common;

use common::{committed, count, put, row};
use parking_lot::{Condvar, Mutex};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::{
    Consistency, CounterId, Decision, Direction, FeedCursor, FeedId, KeyRange, Locking, Mutation, OldRows,
    Outcome, Plan, RangeRead, RowWrite, Store, StoreError, Visit,
};
use store_embedded::{EmbeddedStore, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

const WORKERS: usize = 2;
const COLD_KEYS: usize = 40;
const CONNECTIONS: usize = 20;
const SOON: Duration = Duration::from_secs(20);

/// A disk that takes for ever to read while it hangs.
#[derive(Default)]
struct Disk {
    hangs: Mutex<bool>,
    goes_on: Condvar,
    waiting: AtomicUsize,
}

impl Disk {
    fn read(&self) {
        let mut hangs = self.hangs.lock();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.goes_on.wait_while(&mut hangs, |hangs| *hangs);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    fn hang(&self, hangs: bool) {
        *self.hangs.lock() = hangs;
        self.goes_on.notify_all();
    }
}

fn cold_key(number: usize) -> Vec<u8> {
    format!("cold{number:03}").into_bytes()
}

/// One for each connection: a row that is being replaced is not in memory for a reader of the moment before.
fn warm_key(number: usize) -> Vec<u8> {
    format!("warm{number:03}").into_bytes()
}

/// A store whose `cold` rows are only on the disk, and whose `warm` rows are in the row cache.
fn open(dir: &Path) -> (Arc<EmbeddedStore>, Arc<Disk>) {
    let store = EmbeddedStore::open(dir, Options::default()).unwrap();
    for number in 0..COLD_KEYS {
        assert!(committed(&put(&store, &cold_key(number), b"old")));
    }
    store.close().unwrap();
    drop(store);
    let disk = Arc::new(Disk::default());
    let read = disk.clone();
    let on_tree_read: Option<Arc<dyn Fn() + Send + Sync>> = Some(Arc::new(move || read.read()));
    let options = Options { workers: WORKERS, on_tree_read, ..Options::default() };
    let store = EmbeddedStore::open(dir, options).unwrap();
    for number in 0..CONNECTIONS {
        assert!(committed(&put(&store, &warm_key(number), b"row")));
    }
    (Arc::new(store), disk)
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().unwrap()
}

async fn overwrite(store: &dyn Store, key: &[u8], new: &[u8]) -> Result<Outcome, StoreError> {
    let keys = [key];
    let plan =
        Plan { rows: vec![RowWrite { key: key.to_vec(), row: Some(new.to_vec()) }], ..Plan::default() };
    let mut seen = None;
    let decide = &mut |old: &OldRows<'_>| {
        seen = old.get(0).map(<[u8]>::to_vec);
        Decision::Commit(plan.clone())
    };
    store.mutate(Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide }).await
}

async fn get(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Strong, visit).await.unwrap();
    found
}

async fn walk(store: &dyn Store, direction: Direction) -> usize {
    let mut rows = 0;
    let range = KeyRange {
        start: std::ops::Bound::Included(b"cold".as_slice()),
        end: std::ops::Bound::Excluded(b"cole".as_slice()),
    };
    let read = RangeRead { range, direction, consistency: Consistency::Strong, rows_expected: usize::MAX };
    let visit = &mut |_: &[u8], _: &[u8]| {
        rows += 1;
        Visit::Continue
    };
    store.range(read, visit).await.unwrap();
    rows
}

/// Reads and writes of all kinds that need the disk, more than there are threads for.
fn need_the_disk(runtime: &Runtime, store: &Arc<EmbeddedStore>) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    for number in 0..COLD_KEYS {
        let (reader, writer) = (store.clone(), store.clone());
        tasks.push(runtime.spawn(async move {
            assert!(get(&*reader, &cold_key(number)).await.is_some());
            assert!(walk(&*reader, Direction::Forward).await >= COLD_KEYS);
            assert!(walk(&*reader, Direction::Reverse).await >= COLD_KEYS);
        }));
        // Three writers of a key, so that they meet at its lock too.
        tasks.push(runtime.spawn(async move {
            let key = cold_key(number / 3);
            assert!(committed(&overwrite(&*writer, &key, b"new").await));
        }));
    }
    let other = store.clone();
    tasks.push(runtime.spawn(async move {
        assert_eq!(other.counter(CounterId(7)).await, Ok(0));
        assert_eq!(other.record(b"none").await, Ok(None));
        other.records(b"none", &mut |_, _| Visit::Continue).await.unwrap();
        other.tail(FeedId(7), FeedCursor::START, 9, &mut |_| Visit::Continue).await.unwrap();
        let (cold, warm) = (cold_key(1), warm_key(1));
        let mut rows = Vec::new();
        let visit = &mut |_: usize, row: Option<&[u8]>| rows.push(row.map(<[u8]>::to_vec));
        other.read_at_one_position(&[&cold, &warm], visit).await.unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].as_deref(), Some(b"row".as_slice()));
    }));
    tasks
}

/// A connection is accepted and answered, and what is in memory is read and written.
async fn serves(store: Arc<EmbeddedStore>, warm: Vec<u8>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let healthy = store.health().is_ok();
        let row = get(&*store, &warm).await.unwrap();
        assert!(committed(&overwrite(&*store, &warm, &row).await));
        let mut rows = Vec::new();
        let visit = &mut |_: usize, row: Option<&[u8]>| rows.push(row.map(<[u8]>::to_vec));
        store.read_at_one_position(&[&warm], visit).await.unwrap();
        assert_eq!(rows, [Some(row)]);
        socket.write_all(if healthy { b"healthy" } else { b"ill" }).await.unwrap();
    });
    let mut answer = String::new();
    TcpStream::connect(address).await.unwrap().read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "healthy");
    server.await.unwrap();
}

#[test]
fn what_is_in_memory_is_served_while_the_disk_hangs() {
    let dir = tempfile::tempdir().unwrap();
    let (store, disk) = open(dir.path());
    let runtime = runtime();
    disk.hang(true);
    let tasks = need_the_disk(&runtime, &store);
    while disk.waiting.load(Ordering::SeqCst) < 3 {
        std::thread::park_timeout(Duration::from_millis(1));
    }
    let (done, served) = std::sync::mpsc::channel();
    for number in 0..CONNECTIONS {
        let (done, store) = (done.clone(), store.clone());
        runtime.spawn(async move {
            serves(store, warm_key(number)).await;
            done.send(()).unwrap();
        });
    }
    let served: Vec<_> = (0..CONNECTIONS).map(|_| served.recv_timeout(SOON)).collect();
    assert!(disk.waiting.load(Ordering::SeqCst) > 1, "the disk still hangs");
    disk.hang(false);
    assert!(served.iter().all(Result::is_ok), "nobody was served while the disk hung");
    tasks.into_iter().for_each(|task| runtime.block_on(task).unwrap());
    assert_eq!(row(&*store, &cold_key(0)).as_deref(), Some(b"new".as_slice()));
    assert_eq!(count(&*store, b"cold"), COLD_KEYS);
}

#[test]
fn a_read_that_nobody_waits_for_any_more_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let (store, disk) = open(dir.path());
    let runtime = runtime();
    disk.hang(true);
    let tasks = need_the_disk(&runtime, &store);
    while disk.waiting.load(Ordering::SeqCst) < 3 {
        std::thread::park_timeout(Duration::from_millis(1));
    }
    tasks.iter().for_each(JoinHandle::abort);
    disk.hang(false);
    for task in tasks {
        let _ = runtime.block_on(task);
    }
    assert!(committed(&put(&*store, &cold_key(3), b"later")), "no key is held");
    store.close().unwrap();
    assert_eq!(row(&*store, &cold_key(3)).as_deref(), Some(b"later".as_slice()));
}
