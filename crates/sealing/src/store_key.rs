//! The key of a whole store: everything but one row is sealed under it. That row holds the key, wrapped under a root
//! key that the store does not have.
//!
//! ```text
//! key:  6 | store-key
//! row:  format u8 = 2 | the wrapped key
//! ```
//!
//! A store is sealed from its first commit on or not at all: one that has data is not sealed later, since its log and
//! files would go on holding what they hold.

use crate::data_key::{DataKey, KEY_BYTES};
use crate::keyring::{Keyring, LentKeys, Subject};
use crate::keys::Keys;
use crate::sealed_store::SealedStore;
use std::ops::Bound;
use std::sync::Arc;
use stdx::Random;
use stdx::future::Boxed;
use store::change_row::{RowChange, change_row};
use store::{Consistency, Direction, FeedId, KeyRange, RangeRead, Store, StoreError, Visit};
use zeroize::Zeroizing;

const ROW: &[u8] = b"\x06store-key";
const NAME: &str = "store-key";
const FORMAT: u8 = 2;
const WHOLE: Subject = Subject(0);
const GENERATION: u32 = 1;

/// What wraps the key: the root key.
pub trait Wrapping {
    /// Seals what has a name.
    fn wrap(&self, name: &str, bytes: &[u8]) -> Vec<u8>;

    /// Opens it again; `None`: it was sealed under another key.
    fn unwrap(&self, name: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>>;
}

/// Why a store is not opened; a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreKeyError {
    /// It is sealed, and there is no root key.
    #[error(
        "this store is sealed: give the root key it was made with (root_key_file or root_key_command of [kms], or STATOR_KMS_ROOT_KEY)"
    )]
    NoRootKey,
    /// It is sealed under another root key.
    #[error(
        "this store is sealed under another root key: give the one it was made with; without it nobody can read what \
         is in it"
    )]
    WrongRootKey,
    /// It has data that is not sealed.
    #[error(
        "this store has data that is not sealed, and sealing it now would leave that in its files: start without \
         --encrypt, or copy the tables into a new store that is sealed from its beginning"
    )]
    HasOpenData,
    /// The store's own trouble.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store, with the layer that seals it where it is sealed. An empty one becomes sealed if that is `wanted`.
///
/// # Errors
/// See [`StoreKeyError`].
pub fn open<'a>(
    store: Arc<dyn Store>,
    root: Option<&'a (dyn Wrapping + Sync)>,
    wanted: bool,
    random: Random,
) -> Boxed<'a, Result<Arc<dyn Store>, StoreKeyError>> {
    Box::pin(async move {
        let wrapped = match (wrapped(store.as_ref()).await?, wanted) {
            (Some(wrapped), _) => wrapped,
            (None, false) => return Ok(store),
            (None, true) => make(store.as_ref(), root.ok_or(StoreKeyError::NoRootKey)?).await?,
        };
        let root = root.ok_or(StoreKeyError::NoRootKey)?;
        let bytes = root.unwrap(NAME, &wrapped).ok_or(StoreKeyError::WrongRootKey)?;
        let bytes: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| StoreKeyError::WrongRootKey)?;
        let keyring = Arc::new(WholeStore::new(bytes));
        Ok(Arc::new(SealedStore::new(store, keyring, random)))
    })
}

async fn wrapped(store: &dyn Store) -> Result<Option<Vec<u8>>, StoreKeyError> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(read);
    store.get(ROW, Consistency::Strong, visit).await?;
    Ok(found.transpose()?)
}

fn read(row: &[u8]) -> Result<Vec<u8>, StoreError> {
    match row.split_first() {
        Some((&FORMAT, wrapped)) => Ok(wrapped.to_vec()),
        _ => Err(StoreError::Corrupt(
            "the key of the store is damaged, or written by a newer version".to_owned(),
        )),
    }
}

/// Another server may be first: then the key is that one's.
async fn make(store: &dyn Store, root: &(dyn Wrapping + Sync)) -> Result<Vec<u8>, StoreKeyError> {
    if has_data(store).await? {
        return Err(StoreKeyError::HasOpenData);
    }
    let row = [&[FORMAT][..], &root.wrap(NAME, &DataKey::random_bytes()[..])].concat();
    change_row(store, ROW, |old| if old.is_none() { RowChange::Put(row.clone()) } else { RowChange::Keep })
        .await?;
    let kept = wrapped(store).await?;
    kept.ok_or_else(|| StoreError::Unavailable("the key of the store was not kept".to_owned()).into())
}

async fn has_data(store: &dyn Store) -> Result<bool, StoreError> {
    let mut found = false;
    let range = KeyRange { start: Bound::Unbounded, end: Bound::Unbounded };
    let read = RangeRead {
        range,
        direction: Direction::Forward,
        consistency: Consistency::Strong,
        rows_expected: 1,
    };
    let see = &mut |_: &[u8], _: &[u8]| {
        found = true;
        Visit::Stop
    };
    store.range(read, see).await?;
    let see = &mut |_: &[u8], _: &[u8]| {
        found = true;
        Visit::Stop
    };
    store.records(b"", see).await?;
    Ok(found)
}

/// The keyring of a whole store.
#[derive(Debug)]
struct WholeStore(Keys);

impl WholeStore {
    fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        let generations = vec![(GENERATION, DataKey::new(bytes))];
        WholeStore(Keys::Unlocked { generations, current: Some(GENERATION), takes_open: false })
    }
}

impl Keyring for WholeStore {
    fn is_empty(&self) -> bool {
        false
    }

    fn of_row(&self, key: &[u8]) -> Option<Subject> {
        (key != ROW).then_some(WHOLE)
    }

    fn is_own(&self, key: &[u8]) -> bool {
        key == ROW
    }

    fn of_record(&self, _: FeedId, _: &[u8]) -> Option<Subject> {
        Some(WHOLE)
    }

    fn of_document(&self, _: &[u8]) -> Option<Subject> {
        Some(WHOLE)
    }

    fn keys(&self, _: Subject) -> Option<LentKeys<'_>> {
        Some(LentKeys::Lasting(&self.0))
    }
}

#[cfg(test)]
mod tests;
