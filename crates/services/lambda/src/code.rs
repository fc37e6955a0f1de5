//! The packages of functions: bytes in rows of the store, so that every server on it finds them. A package is written
//! once, under an id of its own, in pieces of a commit each, before the document that names it; it is dropped after the
//! last version that has it. What a server that died between the two has left behind is never read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use store::change_row::{RowChange, change_row};
use store::{Consistency, Direction, KeyRange, RangeRead, Store, StoreError, Visit};
use wire::json::base64_text;

/// The kind of the rows, see `docs/data-layout.md`.
const KIND: u8 = 13;
const FORMAT: u8 = 1;
const PIECE_BYTES: usize = 256 * 1024;

/// Which package a version has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRef {
    /// Its id: 32 hexadecimal digits.
    pub id: String,
    /// Its length, zipped.
    pub size_bytes: u64,
    /// Its SHA-256 in base64.
    pub sha256: String,
}

impl CodeRef {
    /// A new reference to some bytes.
    pub(crate) fn of(bytes: &[u8], id: u128) -> Self {
        let sha256 = base64_text(&Sha256::digest(bytes));
        CodeRef { id: format!("{id:032x}"), size_bytes: bytes.len() as u64, sha256 }
    }

    fn prefix(&self) -> Vec<u8> {
        [&[KIND], self.id.as_bytes()].concat()
    }

    fn piece(&self, index: usize) -> Vec<u8> {
        let mut key = self.prefix();
        key.extend((index as u32).to_be_bytes());
        key
    }
}

/// The packages in a store.
#[derive(Clone)]
pub struct Packages {
    store: Arc<dyn Store>,
}

impl Packages {
    /// The packages in this store.
    pub fn of(store: Arc<dyn Store>) -> Self {
        Packages { store }
    }

    /// Writes a package.
    pub(crate) async fn write(&self, code: &CodeRef, bytes: &[u8]) -> Result<(), StoreError> {
        for (index, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
            self.write_piece(&code.piece(index), piece).await?;
        }
        Ok(())
    }

    async fn write_piece(&self, key: &[u8], piece: &[u8]) -> Result<(), StoreError> {
        let row = [&[FORMAT], piece].concat();
        change_row(self.store.as_ref(), key, |_| RowChange::Put(row.clone())).await
    }

    /// The bytes of a package.
    pub(crate) async fn read(&self, code: &CodeRef) -> Result<Vec<u8>, StoreError> {
        let (start, end) = (code.piece(0), code.piece(u32::MAX as usize));
        let range = KeyRange { start: Bound::Included(&start), end: Bound::Excluded(&end) };
        let mut bytes = Vec::with_capacity(code.size_bytes as usize);
        let visit = &mut |_: &[u8], row: &[u8]| {
            bytes.extend_from_slice(row.get(1..).unwrap_or_default());
            Visit::Continue
        };
        let rows_expected = (code.size_bytes as usize).div_ceil(PIECE_BYTES);
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        self.store.range(RangeRead { range, direction, consistency, rows_expected }, visit).await?;
        if CodeRef::of(&bytes, 0).sha256 != code.sha256 {
            return Err(StoreError::Corrupt(format!("the package {} is not what was written", code.id)));
        }
        Ok(bytes)
    }

    /// Forgets a package that no version has any more.
    pub(crate) async fn forget(&self, code: &CodeRef) -> Result<(), StoreError> {
        self.store.drop_range(&code.prefix()).await.map(|_| ())
    }
}

impl fmt::Debug for Packages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packages").finish_non_exhaustive()
    }
}
