//! Objects that are put again and again, while their server is killed: each start has every object that was
//! acknowledged, whole, or one that was put later.

use crate::server::{Server, kill_process, rounds};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

const WRITERS: usize = 4;
const KEYS: usize = 5;

/// The version of each key that was acknowledged last.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn objects_are_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged = Acknowledged::default();
    Server::start(&data).s3("PUT", "/bucket", Vec::new()).unwrap();
    for round in 0..rounds() {
        let server = Server::start(&data);
        verify(&server, &acknowledged);
        std::thread::scope(|scope| {
            let (written, writes) = channel();
            for writer in 0..WRITERS {
                let (server, acknowledged, written) = (&server, &acknowledged, written.clone());
                scope.spawn(move || write(server, acknowledged, writer, &written));
            }
            drop(written);
            (0..=7 * round).for_each(|_| writes.recv().unwrap());
            kill_process(server.process.id());
        });
        server.kill();
    }
    let server = Server::start(&data);
    verify(&server, &acknowledged);
    let puts: u64 = acknowledged.lock().unwrap().values().sum();
    println!("{} kills, {puts} objects", rounds());
    assert!(puts > 0, "the test says nothing");
    // Nothing but the objects is left once all of them are gone.
    let keys: Vec<String> = acknowledged.lock().unwrap().keys().cloned().collect();
    for writer in 0..WRITERS {
        (0..KEYS)
            .for_each(|key| _ = server.s3("DELETE", &format!("/bucket/{}", name(writer, key)), Vec::new()));
    }
    assert!(keys.iter().all(|key| server.s3("GET", &format!("/bucket/{key}"), Vec::new()).is_err()));
    server.s3("DELETE", "/bucket", Vec::new()).unwrap();
}

fn name(writer: usize, key: usize) -> String {
    format!("{writer}/{key}")
}

/// An object says which version it is, in each of its lines.
fn body(version: u64) -> Vec<u8> {
    format!("version {version}\n").repeat(20_000 + version as usize % 7_000).into_bytes()
}

/// Each key has one writer, which continues with the version after the last one acknowledged.
fn write(server: &Server, acknowledged: &Acknowledged, writer: usize, written: &Sender<()>) {
    for step in 0.. {
        let key = name(writer, step % KEYS);
        let next = acknowledged.lock().unwrap().get(&key).copied().unwrap_or(0) + 1;
        if server.s3("PUT", &format!("/bucket/{key}"), body(next)).is_err() {
            return;
        }
        acknowledged.lock().unwrap().insert(key, next);
        _ = written.send(());
    }
}

fn verify(server: &Server, acknowledged: &Acknowledged) {
    for (key, version) in acknowledged.lock().unwrap().iter() {
        let found = server.s3("GET", &format!("/bucket/{key}"), Vec::new()).unwrap();
        let is_next = found == body(version + 1);
        assert!(found == body(*version) || is_next, "{key} is not version {version}: {} bytes", found.len());
    }
}
