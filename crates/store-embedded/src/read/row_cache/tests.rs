use super::*;
use std::collections::BTreeMap;
use stdx::Random;

const ROOM: u64 = 1 << 20;

fn row(cache: &RowCache, key: &str, at: u64) -> Option<String> {
    cache.get(key.as_bytes(), at).map(|row| String::from_utf8_lossy(&row).into_owned())
}

fn write(cache: &RowCache, key: &str, row: Option<&str>, position: u64) {
    cache.write(key.as_bytes(), row.map(str::as_bytes), position);
}

#[test]
fn a_row_is_found_from_the_position_on_that_wrote_it() {
    let cache = RowCache::new(ROOM, 1);
    write(&cache, "a", Some("one"), 5);
    assert_eq!(row(&cache, "a", 4), None);
    assert_eq!(row(&cache, "a", 5).as_deref(), Some("one"));
    write(&cache, "a", Some("two"), 7);
    assert_eq!(
        row(&cache, "a", 6),
        None,
        "what was there before is gone, and the new row is not for this reader"
    );
    assert_eq!(row(&cache, "a", 7).as_deref(), Some("two"));
}

#[test]
fn a_deleted_row_is_not_found() {
    let cache = RowCache::new(ROOM, 1);
    write(&cache, "a", Some("one"), 5);
    write(&cache, "a", None, 6);
    assert_eq!(row(&cache, "a", 6), None);
}

#[test]
fn a_row_that_was_read_is_kept() {
    let cache = RowCache::new(ROOM, 1);
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 5).as_deref(), Some("one"));
    assert_eq!(row(&cache, "a", 4), None);
}

#[test]
fn a_row_that_was_read_before_a_write_is_not_taken() {
    let cache = RowCache::new(ROOM, 1);
    write(&cache, "a", Some("two"), 6);
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 6).as_deref(), Some("two"));
}

#[test]
fn a_row_that_was_read_before_its_deletion_is_not_taken() {
    let cache = RowCache::new(ROOM, 1);
    write(&cache, "a", None, 6);
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 6), None);
}

/// Whether the newer row is still here must not matter.
#[test]
fn a_row_that_was_read_before_an_evicted_write_is_not_taken() {
    let cache = RowCache::new(ROOM, 1);
    write(&cache, "a", Some("two"), 6);
    cache.forget(b"a");
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 6), None);
    cache.offer(b"a", b"two", 6);
    assert_eq!(row(&cache, "a", 6).as_deref(), Some("two"));
}

#[test]
fn rows_under_a_prefix_are_forgotten_and_no_others() {
    let cache = RowCache::new(ROOM, 1);
    for number in 0..500 {
        write(&cache, &format!("ab{number}"), Some("one"), 5);
        write(&cache, &format!("b{number}"), Some("two"), 6);
    }
    cache.forget(b"a");
    for number in 0..500 {
        assert_eq!(row(&cache, &format!("ab{number}"), 9), None);
        assert_eq!(row(&cache, &format!("b{number}"), 9).as_deref(), Some("two"));
    }
}

#[test]
fn a_row_that_is_used_stays_while_others_pass() {
    let cache = RowCache::new(64 << 10, 1);
    write(&cache, "used", Some("row"), 1);
    write(&cache, "unused", Some("row"), 1);
    let large = "x".repeat(1_000);
    for position in 2..10_000 {
        write(&cache, &position.to_string(), Some(&large), position);
        assert_eq!(row(&cache, "used", position).as_deref(), Some("row"), "after {position}");
    }
    assert_eq!(row(&cache, "unused", 10_000), None);
}

#[test]
fn there_may_be_no_room_at_all() {
    for bytes in [0, 1, 100, 2_000] {
        let cache = RowCache::new(bytes, 1);
        write(&cache, "a", Some(&"x".repeat(500)), 1);
        write(&cache, "a", None, 2);
        cache.offer(b"a", b"row", 3);
        assert!(row(&cache, "a", 3).is_none_or(|row| row == "row"));
    }
}

/// What is written and read, and what a cache may answer.
struct Oracle {
    random: Random,
    cache: RowCache,
    /// Every key's newest row and the position that wrote it.
    rows: BTreeMap<Vec<u8>, (u64, Option<Vec<u8>>)>,
    position: u64,
    hits: u64,
}

impl Oracle {
    fn below(&self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    fn step(&mut self, row_bytes_max: u64) {
        let key = format!("{}-{}", self.below(3), self.below(200)).into_bytes();
        let (written, newest) = self.rows.get(&key).cloned().unwrap_or_default();
        match self.below(100) {
            0..30 => {
                self.position += 1;
                let row = vec![self.position as u8; self.below(row_bytes_max) as usize];
                let row = (self.below(10) > 0).then_some(row);
                self.cache.write(&key, row.as_deref(), self.position);
                self.rows.insert(key, (self.position, row));
            }
            // A reader that began at an older position brings the row of then, which is none to keep.
            30..40 if written > 0 => self.cache.offer(&key, b"from before", written - 1),
            40..60 => newest.into_iter().for_each(|row| self.cache.offer(&key, &row, self.position)),
            60..61 => self.cache.forget(&key[..1]),
            _ => {
                let at = self.position - self.below(3).min(self.position);
                if let Some(row) = self.cache.get(&key, at) {
                    self.hits += 1;
                    assert!(written <= at && Some(&row[..]) == newest.as_deref(), "{key:?} at {at}");
                }
            }
        }
    }
}

#[test]
fn whatever_happens_it_answers_with_the_newest_row_or_not_at_all() {
    for (seed, bytes, row_bytes_max) in
        [(1, 8 << 10, 900), (2, 64 << 10, 3_000), (3, 2 << 20, 300), (4, 3_000, 60)]
    {
        let random = Random::from_seed(seed);
        let cache = RowCache::new(bytes, 1);
        let mut oracle = Oracle { random, cache, rows: BTreeMap::new(), position: 0, hits: 0 };
        (0..100_000).for_each(|_| oracle.step(row_bytes_max));
        assert!(oracle.hits > 500, "{} hits in {bytes} bytes", oracle.hits);
    }
}

#[test]
fn there_are_shards_for_the_cores_as_far_as_the_size_allows() {
    let shards = |megabytes: u64, cores| shards(megabytes << 20, cores);
    assert_eq!(
        [shards(1, 1), shards(64, 1), shards(64, 2), shards(64, 16), shards(64, 64)],
        [1, 4, 8, 16, 16]
    );
    assert_eq!([shards(4096, 6), shards(4096, 64), shards(1 << 20, 2)], [32, 256, 128]);
}
