//! Any bytes are a row or change record, or refused; their headers are read without a look beyond the end.

use engine::RowRef;
use engine::feed::ChangeRecord;

/// The value of a row, or the bytes of a change record.
pub fn rows(bytes: &[u8]) {
    if let Ok(row) = RowRef::read(bytes) {
        let _ = (row.size_bytes, row.version, row.write_time_micros, row.origin);
        assert!(row.item().as_bytes().len() <= bytes.len());
    }
    if let Ok(record) = ChangeRecord::read(bytes) {
        let images = [Some(record.key), record.old, record.new];
        let length: usize = images.into_iter().flatten().map(|image| image.as_bytes().len()).sum();
        assert!(length <= bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_rows() {
        let zeros = [0; 64];
        let ones = [1; 64];
        let counted: Vec<u8> = (0..64).collect();
        each(&[&zeros, &ones, &counted], 20_000, super::rows);
    }
}
