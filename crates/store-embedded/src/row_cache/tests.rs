use super::*;

const ROOM: u64 = 1 << 20;

fn row(cache: &RowCache, key: &str, at: u64) -> Option<String> {
    cache.get(key.as_bytes(), at).map(|row| String::from_utf8_lossy(&row).into_owned())
}

fn write(cache: &RowCache, key: &str, row: Option<&str>, position: u64) {
    cache.write(&key.as_bytes().into(), row.map(|row| row.as_bytes().into()).as_ref(), position);
}

#[test]
fn a_row_is_found_from_the_position_on_that_wrote_it() {
    let cache = RowCache::new(ROOM);
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
    let cache = RowCache::new(ROOM);
    write(&cache, "a", Some("one"), 5);
    write(&cache, "a", None, 6);
    assert_eq!(row(&cache, "a", 6), None);
}

#[test]
fn a_row_that_was_read_is_kept() {
    let cache = RowCache::new(ROOM);
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 5).as_deref(), Some("one"));
    assert_eq!(row(&cache, "a", 4), None);
}

#[test]
fn a_row_that_was_read_before_a_write_is_not_taken() {
    let cache = RowCache::new(ROOM);
    write(&cache, "a", Some("two"), 6);
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 6).as_deref(), Some("two"));
}

#[test]
fn a_row_that_was_read_before_its_deletion_is_not_taken() {
    let cache = RowCache::new(ROOM);
    write(&cache, "a", None, 6);
    cache.offer(b"a", b"one", 5);
    assert_eq!(row(&cache, "a", 6), None);
}

/// Whether the newer row is still here must not matter.
#[test]
fn a_row_that_was_read_before_an_evicted_write_is_not_taken() {
    let cache = RowCache::new(0);
    write(&cache, "a", Some("two"), 6);
    assert_eq!(row(&cache, "a", 6), None, "there is no room");
    let taken = |at: u64| *cache.newest_write(b"a").lock() <= at;
    assert!(!taken(5) && taken(6));
}

#[test]
fn rows_under_a_prefix_are_forgotten_and_no_others() {
    let cache = RowCache::new(ROOM);
    write(&cache, "ab", Some("one"), 5);
    write(&cache, "b", Some("two"), 6);
    cache.forget(b"a");
    assert_eq!(row(&cache, "ab", 9), None);
    assert_eq!(row(&cache, "b", 9).as_deref(), Some("two"));
}

#[test]
fn it_holds_no_more_than_it_may() {
    let cache = RowCache::new(ROOM);
    let large = vec![b'x'; 10_000];
    for position in 0..1_000_u64 {
        cache.offer(&position.to_be_bytes(), &large, position);
    }
    assert!(cache.rows.weight() <= ROOM);
    assert!(cache.rows.len() > 50);
}
