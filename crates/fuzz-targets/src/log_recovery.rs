//! A store whose commit log holds any bytes opens or refuses; what it opened it also closes.

use std::path::Path;
use std::sync::Arc;
use store_embedded::{EmbeddedStore, Options, Profile};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../store-embedded/tests/fixtures/v1");

/// Triples of a place (two bytes, little-endian) and a byte that is put there in the log of a store.
pub fn log_recovery(patches: &[u8]) {
    let _ = opens(patches);
}

fn opens(patches: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    copy(Path::new(FIXTURE), folder.path());
    let log = folder.path().join("log/00000001.log");
    let mut bytes = std::fs::read(&log).expect("the fixture has a log");
    for patch in patches.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([patch[0], patch[1]])) % bytes.len();
        bytes[place] = patch[2];
    }
    std::fs::write(&log, bytes).expect("the copy can be written");
    let profile = Profile { log_file_bytes: 64 * 1024, ..Profile::local() };
    let ignore = || Arc::new(|_: &str| {});
    let options = Options { profile, on_fatal: ignore(), on_warning: ignore(), ..Options::default() };
    EmbeddedStore::open(folder.path(), options).is_ok()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the fixture is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_logs() {
        assert!(super::opens(&[]));
        let samples: [&[u8]; 4] =
            [&[0, 0, 1], &[8, 0, 255, 9, 0, 255], &[0, 16, 7], &[64, 0, 0, 65, 0, 9, 66, 3, 9]];
        each(&samples, 60, super::log_recovery);
    }
}
