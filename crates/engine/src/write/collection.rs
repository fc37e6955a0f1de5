//! Item collections: the size of all items and local index entries of one partition key.
//!
//! The size is a row of its own that every write of the collection declares, so that the limit is exact.

use super::{CollectionSize, Write};
use crate::keys::{collection_key, key_item};
use crate::row::RowFault;
use crate::table::Table;
use std::borrow::Cow;
use store::RowWrite;
use types::Item;

const FORMAT: u8 = 1;

/// The row of a collection's size; a collection without anything has none.
pub(crate) fn collection_row(table: &Table, write: &Write, size_bytes: u64) -> RowWrite {
    let row = (size_bytes > 0).then(|| [&[FORMAT][..], &size_bytes.to_le_bytes()].concat());
    RowWrite { key: collection_key(table, write.key()).to_vec(), row }
}

/// The size in such a row.
pub(crate) fn read_collection(row: Option<&[u8]>) -> Result<u64, RowFault> {
    match row {
        None => Ok(0),
        Some([FORMAT, size @ ..]) => Ok(u64::from_le_bytes(size.try_into().map_err(|_| RowFault::Short)?)),
        Some([format, ..]) => Err(RowFault::Newer { format: *format, flags: 0 }),
        Some([]) => Err(RowFault::Short),
    }
}

impl Write {
    pub(super) fn collection_size(&self, table: &Table, size_bytes: u64) -> CollectionSize {
        let names = table.key.hash.iter().map(|attribute| attribute.name.as_str());
        CollectionSize { key: key_item(self.item_or_key().as_ref(), names), size_bytes }
    }

    /// The item's key as an item of the key attributes.
    pub(crate) fn primary_key<'w>(&'w self, table: &Table) -> Cow<'w, Item> {
        match &self.action {
            super::Action::Put(item) => {
                let names = table.key.attributes().map(|attribute| attribute.name.as_str());
                Cow::Owned(key_item(item.as_ref(), names))
            }
            _ => Cow::Borrowed(self.item_or_key()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_back_or_refused() {
        assert_eq!(read_collection(None), Ok(0));
        assert_eq!(read_collection(Some(&[1, 5, 0, 0, 0, 0, 0, 0, 0])), Ok(5));
        assert_eq!(read_collection(Some(&[2, 5])), Err(RowFault::Newer { format: 2, flags: 0 }));
        assert_eq!(read_collection(Some(&[1, 5])), Err(RowFault::Short));
        assert_eq!(read_collection(Some(&[])), Err(RowFault::Short));
    }
}
