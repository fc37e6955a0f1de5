//! Bytes that nothing refers to: files that are being written and may never have an object, and those of objects that
//! are gone. A row says so of each before it is there and after its object, so no folder is ever searched.

use crate::folder::{FileName, Folder};
use crate::writing::blocking;
use crate::{errors, keys, part, rows};
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, RangeRead, RowWrite, Store, Visit};

/// How long an upload may take; then nobody writes its file any more.
pub(crate) const WRITING_MILLIS_MAX: u64 = 6 * 24 * 3_600 * 1_000;
/// After that its file goes: a day later, since the clocks of servers may differ.
const ABANDONED_MILLIS: u64 = WRITING_MILLIS_MAX + 24 * 3_600 * 1_000;
/// How long an object that is gone may still be read.
const READING_MILLIS: u64 = 10 * 60 * 1_000;
/// What failed is tried again a minute later.
pub(crate) const RETRY_MILLIS: u64 = 60_000;
/// Another server may have announced what it does not delete any more.
const IDLE_MILLIS: u64 = 24 * 3_600 * 1_000;
/// Rows that are read in one go.
const PAGE: usize = 1_000;

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Garbage {
    /// The bucket that it lies in.
    pub(crate) bucket: String,
    /// When it may go.
    pub(crate) due_millis: u64,
    /// Whether it is an upload with all of its parts.
    #[serde(default)]
    pub(crate) is_upload: bool,
}

impl Garbage {
    /// A file that is about to be written.
    pub(crate) fn announced(bucket: &str, now_millis: u64) -> Self {
        Garbage { bucket: bucket.to_owned(), due_millis: now_millis + ABANDONED_MILLIS, is_upload: false }
    }

    /// A file that may go now.
    pub(crate) fn now(bucket: &str, now_millis: u64) -> Self {
        Garbage { bucket: bucket.to_owned(), due_millis: now_millis, is_upload: false }
    }

    /// An upload whose parts may go now.
    pub(crate) fn upload(bucket: &str, now_millis: u64) -> Self {
        Garbage { is_upload: true, ..Garbage::now(bucket, now_millis) }
    }

    /// The parts of an object that is gone: its readers have some time, since they open parts as they come to them.
    pub(crate) fn read_parts(bucket: &str, now_millis: u64) -> Self {
        Garbage::upload(bucket, now_millis + READING_MILLIS)
    }

    async fn remove(self, store: &dyn Store, folder: &Folder, id: u128) -> Result<(), ApiError> {
        match self.is_upload {
            true => remove_upload(store, folder, &self.bucket, id).await,
            false => remove(store, folder, FileName { bucket: self.bucket, id }).await,
        }
    }

    /// Its row.
    pub(crate) fn row(&self, id: u128) -> RowWrite {
        rows::put(&keys::garbage(id), self)
    }
}

/// Deletes a file and the row that says that nothing refers to it.
pub(crate) async fn remove(store: &dyn Store, folder: &Folder, name: FileName) -> Result<(), ApiError> {
    let (folder, removed) = (folder.clone(), name.clone());
    blocking(move || folder.remove(&removed)).await?;
    forget(store, name.id).await
}

/// Deletes the parts of an upload with their files, then the row that says so.
pub(crate) async fn remove_upload(
    store: &dyn Store,
    folder: &Folder,
    bucket: &str,
    upload: u128,
) -> Result<(), ApiError> {
    for part in part::all(store, upload).await? {
        let (folder, name) = (folder.clone(), FileName { bucket: bucket.to_owned(), id: part.file.id() });
        blocking(move || folder.remove(&name)).await?;
        let key = keys::part(upload, part.number);
        rows::change(store, &[&key], |_| Ok((vec![rows::delete(&key)], ()))).await?;
    }
    forget(store, upload).await
}

/// Deletes the row alone.
pub(crate) async fn forget(store: &dyn Store, id: u128) -> Result<(), ApiError> {
    let key = keys::garbage(id);
    rows::change(store, &[&key], |_| Ok((vec![rows::delete(&key)], ()))).await
}

/// Deletes all that is due, and says when to look again. What cannot be deleted is tried again a minute later.
pub(crate) async fn sweep(store: &dyn Store, folder: &Folder, now_millis: u64) -> Result<u64, ApiError> {
    let (mut next, mut after) = (now_millis + IDLE_MILLIS, None);
    loop {
        let page = page(store, after).await?;
        let Some((last, _)) = page.last() else { return Ok(next) };
        after = Some(*last);
        for (id, garbage) in page {
            let due = garbage.due_millis;
            let is_left = due > now_millis || garbage.remove(store, folder, id).await.is_err();
            if is_left {
                next = next.min(due.max(now_millis + RETRY_MILLIS));
            }
        }
    }
}

async fn page(store: &dyn Store, after: Option<u128>) -> Result<Vec<(u128, Garbage)>, ApiError> {
    let start = after.map(keys::garbage);
    let start =
        start.as_ref().map_or(Bound::Included(&keys::GARBAGE[..]), |start| Bound::Excluded(&start[..]));
    let end = keys::after_prefix(&keys::GARBAGE);
    let range = KeyRange { start, end: Bound::Excluded(&end) };
    let mut found = Vec::new();
    let visit = &mut |key: &[u8], row: &[u8]| {
        found.extend(keys::garbage_id(key).zip(rows::parse(row).ok()));
        if found.len() < PAGE { Visit::Continue } else { Visit::Stop }
    };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let read = RangeRead { range, direction, consistency, rows_expected: PAGE };
    store.range(read, visit).await.map_err(|error| errors::store(&error))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::ManualClock;
    use store::MemoryStore;

    /// A file that cannot be deleted is tried again later and holds up no other.
    #[tokio::test]
    async fn a_sweep_deletes_what_is_due() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path(), false);
        let store = MemoryStore::new(std::sync::Arc::new(ManualClock::at(0)));
        let file = |id| FileName { bucket: "bucket".to_owned(), id };
        let garbage =
            [(1, Garbage::now("bucket", 5)), (2, Garbage::now("bucket", 5)), (3, Garbage::now("bucket", 50))];
        for (id, garbage) in garbage {
            let key = keys::garbage(id);
            rows::change(&store, &[&key], |_| Ok((vec![garbage.row(id)], ()))).await.unwrap();
        }
        std::fs::create_dir_all(place.path().join(format!("bucket/00/{:032x}", 1))).unwrap();
        folder.create(&file(2)).unwrap();
        folder.create(&file(3)).unwrap();
        assert_eq!(sweep(&store, &folder, 10).await.unwrap(), 10 + RETRY_MILLIS);
        assert!(folder.open(&file(2)).is_err() && folder.open(&file(3)).is_ok());
        let left: Vec<_> = page(&store, None).await.unwrap().into_iter().map(|(id, _)| id).collect();
        assert_eq!(left, [1, 3]);
    }
}
