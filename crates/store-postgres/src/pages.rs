//! How many rows to ask for at once: about a megabyte, by the size of those before.

const BYTES: usize = 1 << 20;
const FIRST: usize = 64;
const MOST: usize = 2_000;

/// The size of the next page.
pub(crate) struct Lot {
    expected: usize,
    rows: usize,
    bytes: usize,
}

impl Lot {
    /// For a reader that needs so many rows at most.
    pub(crate) fn of(expected: usize) -> Lot {
        Lot { expected, rows: 0, bytes: 0 }
    }

    /// A row of so many bytes has come.
    pub(crate) fn count(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes;
    }

    /// How many rows to ask for next.
    pub(crate) fn rows(&self) -> usize {
        match self.rows {
            0 => self.expected.clamp(1, FIRST),
            rows => (BYTES / (self.bytes / rows + 1)).clamp(1, MOST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_the_size_of_rows() {
        let mut lot = Lot::of(usize::MAX);
        assert_eq!((lot.rows(), Lot::of(3).rows(), Lot::of(0).rows()), (FIRST, 3, 1));
        lot.count(400_000);
        assert_eq!(lot.rows(), 2);
        (0..100_000).for_each(|_| lot.count(1));
        assert!(lot.rows() > 100_000 || lot.rows() == MOST);
    }
}
