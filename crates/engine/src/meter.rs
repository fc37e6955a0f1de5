//! Capacity units from sizes. Pure functions; reporting is decided in the layers above.

const READ_UNIT_BYTES: usize = 4096;
const WRITE_UNIT_BYTES: usize = 1024;

pub use store::Consistency;

/// Units of reading this many bytes in one go: an item, or all a page of Query or Scan evaluated.
pub fn read_units(size_bytes: usize, consistency: Consistency) -> f64 {
    let units = size_bytes.div_ceil(READ_UNIT_BYTES).max(1) as f64;
    match consistency {
        Consistency::Strong => units,
        Consistency::Eventual => units / 2.0,
    }
}

/// Units of an index page that fetched base items: each item is rounded alone.
pub fn fetch_units(sizes_bytes: &[usize], consistency: Consistency) -> f64 {
    // Not `sum`, which makes nothing -0.
    sizes_bytes.iter().fold(0.0, |units, size| units + read_units(*size, consistency))
}

/// Units of writing an item.
pub fn write_units(old_size_bytes: usize, new_size_bytes: usize) -> f64 {
    rounded_write_units(old_size_bytes.max(new_size_bytes)).max(1) as f64
}

/// Units of the item part of an action of TransactWriteItems.
pub fn transact_write_units(old_size_bytes: usize, new_size_bytes: usize) -> f64 {
    2.0 * write_units(old_size_bytes, new_size_bytes)
}

/// Units of one item of TransactGetItems, and of one action of a replayed TransactWriteItems.
pub fn transact_read_units(size_bytes: usize) -> f64 {
    2.0 * read_units(size_bytes, Consistency::Strong)
}

/// Write units of an index entry that came, went, moved or changed: of the one that goes, and of the one that comes or
/// is replaced. `None` is no entry.
pub(crate) fn index_write_units(old: Option<usize>, new: Option<usize>, same_key: bool) -> (u64, u64) {
    let units = |size: Option<usize>| size.map_or(0, rounded_write_units);
    match same_key {
        true => (0, units(old).max(units(new))),
        false => (units(old), units(new)),
    }
}

fn rounded_write_units(size_bytes: usize) -> u64 {
    size_bytes.div_ceil(WRITE_UNIT_BYTES) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use Consistency::{Eventual, Strong};

    #[test]
    fn units_are_dynamodbs() {
        for (size, consistency, units) in [
            (0, Strong, 1.0),
            (0, Eventual, 0.5),
            (4096, Strong, 1.0),
            (4097, Strong, 2.0),
            (4097, Eventual, 1.0),
        ] {
            assert_eq!(read_units(size, consistency), units);
        }
        assert_eq!(fetch_units(&[10, 9_000, 10], Eventual), 0.5 + 1.5 + 0.5);
        assert!(fetch_units(&[], Eventual).is_sign_positive(), "it is printed");
        assert_eq!((write_units(0, 0), write_units(1025, 3), write_units(1, 1024)), (1.0, 2.0, 1.0));
        assert_eq!((transact_write_units(0, 0), transact_read_units(0)), (2.0, 2.0));
        assert_eq!(index_write_units(Some(1025), Some(10), true), (0, 2));
        assert_eq!(index_write_units(Some(1025), Some(10), false), (2, 1));
        assert_eq!(index_write_units(None, Some(10), false), (0, 1));
    }
}
