//! Images of a store that ended without notice, damaged in every way a disk damages them.

use crate::files::{FileLayer, RealFiles};
use crate::format::{PAGE_BYTES, VERSION};
use crate::log::head::HeadFile;
use crate::log::record;
use crate::{EmbeddedStore, OpenError, Options, Profile};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use store::{Decision, Locking, Mutation, Outcome, Plan, RowWrite, Store};

const ACKNOWLEDGED: u64 = 20;
const TAIL: u64 = 5;

fn options() -> Options {
    let profile = Profile { log_file_bytes: 128 << 10, block_cache_bytes: 1 << 20, ..Profile::local() };
    Options { profile, ..Options::default() }
}

fn open(dir: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(dir, options())
}

/// Sizes from a few bytes to more than a page.
fn row_of(number: u64) -> Vec<u8> {
    vec![number as u8; 1 + (number as usize * 977) % 5000]
}

/// Commits rows `from..to` as one group; position `n` writes row `n`.
fn commit(store: &EmbeddedStore, from: u64, to: u64) {
    let keys: Vec<[u8; 8]> = (from..to).map(u64::to_be_bytes).collect();
    let slices: Vec<[&[u8]; 1]> = keys.iter().map(|key| [&key[..]]).collect();
    let mut decisions: Vec<_> = (from..to)
        .map(|number| {
            move |_: &store::OldRows<'_>| {
                let write = RowWrite { key: number.to_be_bytes().to_vec(), row: Some(row_of(number)) };
                Decision::Commit(Plan { rows: vec![write], ..Plan::default() })
            }
        })
        .collect();
    let mutations: Vec<Mutation<'_>> = decisions
        .iter_mut()
        .zip(&slices)
        .map(|(decide, keys)| Mutation { keys, fences: &[], locking: Locking::Single, decide })
        .collect();
    for pending in store.mutate_each(mutations) {
        assert!(matches!(pending.wait(), Ok(Outcome::Committed(_))));
    }
}

/// How many rows are there, from 1 on without a gap, and nothing behind.
fn rows_in(store: &EmbeddedStore) -> u64 {
    let rows = numbers_in(store);
    let count = rows.len() as u64;
    assert_eq!(rows, (1..=count).collect::<Vec<_>>());
    count
}

/// Which rows are there.
fn numbers_in(store: &EmbeddedStore) -> Vec<u64> {
    let mut rows = Vec::new();
    let all = store::KeyRange { start: std::ops::Bound::Unbounded, end: std::ops::Bound::Unbounded };
    let visit = &mut |key: &[u8], row: &[u8]| {
        let number = u64::from_be_bytes(key.try_into().unwrap());
        assert_eq!(row, &row_of(number)[..]);
        rows.push(number);
        store::Visit::Continue
    };
    let (direction, consistency) = (store::Direction::Forward, store::Consistency::Strong);
    let read = store::RangeRead { range: all, direction, consistency, rows_expected: usize::MAX };
    store.range(read, visit).wait().unwrap();
    rows
}

/// A folder that died with some commits acknowledged and a last group that was not.
struct Image {
    dir: tempfile::TempDir,
    log: PathBuf,
    /// Begin and end of each record.
    records: Vec<(usize, usize)>,
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

impl Image {
    fn new() -> Self {
        let live = tempfile::tempdir().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = open(live.path()).unwrap();
        (1..=ACKNOWLEDGED).for_each(|number| commit(&store, number, number + 1));
        store.core.maintenance.head_writer.write();
        let head = std::fs::read(live.path().join("HEAD")).unwrap();
        commit(&store, ACKNOWLEDGED + 1, ACKNOWLEDGED + TAIL + 1);
        copy(live.path(), dir.path());
        std::fs::write(dir.path().join("HEAD"), head).unwrap();
        let log = dir.path().join("log/00000001.log");
        let bytes = std::fs::read(&log).unwrap();
        let mut records = Vec::new();
        let mut at = PAGE_BYTES;
        while let Some(record) = record::decode(&bytes, at, 1) {
            records.push((at, record.end));
            at = record.end;
        }
        assert_eq!(records.len() as u64, ACKNOWLEDGED + TAIL);
        Self { dir, log, records }
    }

    fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(self.dir.path(), dir.path());
        let log = dir.path().join("log/00000001.log");
        Self { dir, log, records: self.records.clone() }
    }

    fn zero(&self, from: usize, to: usize) {
        let file = std::fs::OpenOptions::new().write(true).open(&self.log).unwrap();
        file.write_all_at(&vec![0; to - from], from as u64).unwrap();
    }

    fn end(&self) -> usize {
        self.records.last().unwrap().1
    }

    fn refusal(&self) -> String {
        let error = open(self.dir.path()).map(|_| ()).unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        error.to_string()
    }

    fn opens_with(&self, rows: u64) {
        let store = open(self.dir.path()).unwrap();
        assert_eq!(rows_in(&store), rows);
        // What is committed now is found again, by replay and after a clean end.
        commit(&store, rows + 1, rows + 3);
        let again = tempfile::tempdir().unwrap();
        copy(self.dir.path(), again.path());
        assert_eq!(rows_in(&open(again.path()).unwrap()), rows + 2);
        store.close().unwrap();
        assert_eq!(rows_in(&open(self.dir.path()).unwrap()), rows + 2);
    }

    fn accepting_loss(&self) -> Vec<u64> {
        accepting_loss(self.dir.path())
    }
}

/// The rows that are left, and stay.
fn accepting_loss(dir: &Path) -> Vec<u64> {
    let store = EmbeddedStore::open(dir, Options { accept_loss: true, ..options() }).unwrap();
    let rows = numbers_in(&store);
    store.close().unwrap();
    assert_eq!(numbers_in(&open(dir).unwrap()), rows);
    rows
}

#[test]
fn a_tail_torn_anywhere_is_cut() {
    let image = Image::new();
    for number in ACKNOWLEDGED..ACKNOWLEDGED + TAIL {
        let (start, end) = image.records[number as usize];
        // The last eight bytes of a record may be padding, which is not missed.
        for at in [start, start + 4, start + record::HEADER_BYTES, (start + end) / 2, end - 9] {
            let torn = image.copy();
            torn.zero(at, torn.end());
            torn.opens_with(number);
        }
    }
}

#[test]
fn any_page_of_the_tail_may_be_missing() {
    let image = Image::new();
    let tail = image.records[ACKNOWLEDGED as usize].0;
    // The page in which the tail begins also holds acknowledged bytes: it was durable before.
    for page in (tail.next_multiple_of(PAGE_BYTES)..image.end()).step_by(PAGE_BYTES) {
        let torn = image.copy();
        torn.zero(page, page + PAGE_BYTES);
        let whole = image.records.iter().filter(|(_, end)| *end <= page).count();
        torn.opens_with(whole as u64);
    }
}

#[test]
fn damage_below_an_acknowledged_position_refuses_and_names_it() {
    let image = Image::new();
    for number in 0..ACKNOWLEDGED as usize {
        let damaged = image.copy();
        let (start, end) = image.records[number];
        damaged.zero((start + end) / 2, (start + end) / 2 + 1);
        damaged.zero(start + 33, start + 35);
        let refusal = damaged.refusal();
        assert!(refusal.contains(&format!("position {}", number + 1)), "{refusal}");
        assert!(refusal.contains("--accept-loss"), "{refusal}");
        let others = (1..=ACKNOWLEDGED + TAIL).filter(|row| *row != number as u64 + 1);
        assert_eq!(damaged.accepting_loss(), others.collect::<Vec<_>>());
    }
}

#[test]
fn damage_in_any_of_several_files_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    (1..=90).for_each(|number| commit(&store, number, number + 1));
    store.core.maintenance.head_writer.write();
    let files = [1, 2].map(|id| format!("log/{id:08}.log"));
    for file in &files {
        let check = |destroy: &dyn Fn(&std::fs::File)| {
            let image = tempfile::tempdir().unwrap();
            copy(dir.path(), image.path());
            destroy(&std::fs::OpenOptions::new().write(true).open(image.path().join(file)).unwrap());
            let error = open(image.path()).map(|_| ()).unwrap_err();
            assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        };
        check(&|file| file.write_all_at(&[0; 64 << 10], 8 << 10).unwrap());
        check(&|file| file.write_all_at(&[0; PAGE_BYTES], 40 << 10).unwrap());
        check(&|file| file.write_all_at(&[0; PAGE_BYTES], 0).unwrap());
    }
    assert_eq!(rows_in(&store), 90);
}

#[test]
fn a_log_that_is_gone_is_noticed() {
    let check = |destroy: &dyn Fn(&Image), message: &str| {
        let image = Image::new();
        destroy(&image);
        let refusal = image.refusal();
        assert!(refusal.contains(message), "{refusal}");
        image.accepting_loss();
    };
    let first = "positions 1 to 20";
    check(&|image| std::fs::remove_file(&image.log).unwrap(), first);
    check(&|image| image.zero(0, PAGE_BYTES), first);
    check(&|image| image.zero(PAGE_BYTES, image.end()), first);
    check(&|image| image.zero(image.records[10].0, image.end()), "positions 11 to 20");
    check(
        &|image| {
            image.zero(0, PAGE_BYTES);
            std::fs::remove_file(image.dir.path().join("HEAD")).unwrap();
            let store = EmbeddedStore::open(image.dir.path(), options()).unwrap();
            store.close().unwrap();
            // An empty folder in their place does not match a HEAD of another time.
            let other = Image::new();
            std::fs::copy(other.dir.path().join("HEAD"), image.dir.path().join("HEAD")).unwrap();
        },
        "missing",
    );
}

#[test]
fn a_log_without_its_head_is_read_from_its_beginning_only() {
    let image = Image::new();
    std::fs::remove_file(image.dir.path().join("HEAD")).unwrap();
    image.opens_with(ACKNOWLEDGED + TAIL);
}

/// A folder whose first 30 commits are in sorted files, while the log still has them.
fn flushed_image() -> tempfile::TempDir {
    let live = tempfile::tempdir().unwrap();
    let store = open(live.path()).unwrap();
    (1..=30).for_each(|number| commit(&store, number, number + 1));
    store.flush();
    store.core.maintenance.head_writer.write();
    (31..=90).for_each(|number| commit(&store, number, number + 1));
    let image = tempfile::tempdir().unwrap();
    copy(live.path(), image.path());
    image
}

#[test]
fn damage_to_what_is_in_sorted_files_is_passed_over() {
    let image = flushed_image();
    let log = std::fs::OpenOptions::new().write(true).open(image.path().join("log/00000001.log")).unwrap();
    log.write_all_at(&[0; 2 * PAGE_BYTES], 2 * PAGE_BYTES as u64).unwrap();
    assert_eq!(rows_in(&open(image.path()).unwrap()), 90);
}

#[test]
fn a_loss_that_is_accepted_takes_nothing_else() {
    let image = flushed_image();
    std::fs::remove_file(image.path().join("HEAD")).unwrap();
    // The log begins where it always did; without its first file, only HEAD shows the gap.
    std::fs::remove_file(image.path().join("log/00000001.log")).unwrap();
    let error = open(image.path()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("HEAD is damaged"), "{error}");
    let rows = accepting_loss(image.path());
    assert_eq!(rows[..30], (1..=30).collect::<Vec<_>>());
    assert_eq!(rows.last(), Some(&90));
}

#[test]
fn data_of_a_newer_version_is_refused() {
    let image = Image::new();
    let file = std::fs::OpenOptions::new().write(true).open(&image.log).unwrap();
    let mut header = std::fs::read(&image.log).unwrap()[..32].to_vec();
    header[8..12].copy_from_slice(&7u32.to_le_bytes());
    file.write_all_at(&header, 0).unwrap();
    file.write_all_at(&crc32fast::hash(&header).to_le_bytes(), 32).unwrap();
    let error = open(image.dir.path()).map(|_| ()).unwrap_err();
    assert!(matches!(error, OpenError::NewerVersion { found: 7, known: VERSION, .. }), "{error}");
}

#[test]
fn head_survives_a_torn_slot() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("HEAD");
    let mut head = HeadFile::create(&RealFiles, &path).unwrap();
    for durable in 1..=3 {
        head.write(&crate::log::head::Head { durable, ..Default::default() }).unwrap();
    }
    assert_eq!(HeadFile::open(&RealFiles, &path).unwrap().1.unwrap().durable, 3);
    let file = RealFiles.open(&path).unwrap();
    let mut zeros = crate::log::pages::PageBuffer::default();
    zeros.extend(&[0; 64]);
    file.write_pages(zeros.padded(), PAGE_BYTES as u64).unwrap();
    assert_eq!(HeadFile::open(&RealFiles, &path).unwrap().1.unwrap().durable, 2);
}
