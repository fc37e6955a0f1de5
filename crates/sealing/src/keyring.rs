//! Which values of a store are sealed, and with which keys.

use crate::keys::Keys;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use store::FeedId;

/// What has keys of its own, such as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject(pub u64);

/// See the module. Asked for each value, so an answer must be cheap.
pub trait Keyring: Send + Sync + fmt::Debug + 'static {
    /// Whether no subject has keys: then nothing else is asked.
    fn is_empty(&self) -> bool;

    /// Whose keys seal the row of a key; `None`: none do.
    fn of_row(&self, key: &[u8]) -> Option<Subject>;

    /// The same for a record of a feed, sealed or as it was; records of one feed may differ.
    fn of_record(&self, feed: FeedId, record: &[u8]) -> Option<Subject>;

    /// The same for a document.
    fn of_document(&self, key: &[u8]) -> Option<Subject>;

    /// Whether a row is the keyring's own: a walk passes over it.
    fn is_own(&self, key: &[u8]) -> bool {
        _ = key;
        false
    }

    /// The keys of a subject, as they are now; `None`: it has none, its values are as they are.
    fn keys(&self, subject: Subject) -> Option<LentKeys<'_>>;
}

/// Keys on loan from a keyring.
#[derive(Debug)]
pub enum LentKeys<'k> {
    /// Such as stay the same as long as their keyring: threads that use them at once do not contend for a count.
    Lasting(&'k Keys),
    /// Such as others may take the place of.
    Current(Arc<Keys>),
}

impl Deref for LentKeys<'_> {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        match self {
            LentKeys::Lasting(keys) => keys,
            LentKeys::Current(keys) => keys,
        }
    }
}
