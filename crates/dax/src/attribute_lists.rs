//! Attribute lists: the names of an item's attributes under a number, so that items travel without names.
//!
//! Clients keep both directions for ever. So a number is never given to another list, whichever server on the store
//! is asked and however often it was restarted: each list is a document named by its number, written before anybody
//! hears of the number. A list is what it was given as, its order included.

use crate::codec::item::EMPTY_LIST;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use store::Store;
use store::documents::Documents;
use store::records::{RecordError, RecordKey, RecordScope};

/// Lists that are kept at most, and the bytes that they hold together: attribute names that are made of data (times,
/// identifiers) would otherwise fill the memory of every server.
const LISTS_MAX: usize = 250_000;
const BYTES_MAX: usize = 128 << 20;
/// What a name and a list hold beside the name's bytes, which are there twice.
const NAME_OVERHEAD_BYTES: usize = 40;
const LIST_OVERHEAD_BYTES: usize = 96;
const FORMAT: u32 = 1;
const SERVICE: &str = "dax";
const KIND: &str = "attribute-list";
const PAGE: usize = 1_000;

/// The names of a list.
pub type Names = Arc<[Box<str>]>;

/// Why a list has no number.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// There are too many.
    #[error("there are too many different combinations of attribute names for one cluster")]
    TooMany,
    /// The store's trouble.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// All attribute lists of the store.
pub struct AttributeLists {
    documents: Documents,
    known: RwLock<Known>,
    /// Held while a number is given.
    giving: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    /// The list of [`first`] and those that follow.
    lists: Vec<Names>,
    numbers: HashMap<Box<[u8]>, i64>,
    bytes: usize,
}

#[derive(Serialize, Deserialize)]
struct Document {
    names: Vec<Box<str>>,
}

/// The number of the first list that is given one.
const FIRST: i64 = EMPTY_LIST + 1;

impl Known {
    fn add(&mut self, names: Names) {
        let joined = joined(names.iter().map(|name| &**name));
        self.bytes += weight(&names);
        let number = FIRST + self.lists.len() as i64;
        self.numbers.entry(joined.into()).or_insert(number);
        self.lists.push(names);
    }

    fn list(&self, number: i64) -> Option<Names> {
        let at = usize::try_from(number.checked_sub(FIRST)?).ok()?;
        self.lists.get(at).cloned()
    }
}

/// What a list holds, in bytes.
fn weight(names: &[Box<str>]) -> usize {
    LIST_OVERHEAD_BYTES + names.iter().map(|name| 2 * name.len() + NAME_OVERHEAD_BYTES).sum::<usize>()
}

/// Names in one byte string that no other names have.
fn joined<'n>(names: impl Iterator<Item = &'n str>) -> Vec<u8> {
    let mut joined = Vec::with_capacity(64);
    for name in names {
        joined.extend_from_slice(&(name.len() as u32).to_le_bytes());
        joined.extend_from_slice(name.as_bytes());
    }
    joined
}

impl AttributeLists {
    /// The lists of a store; none is read before it is asked for.
    pub fn of(store: Arc<dyn Store>) -> Self {
        let documents = Documents::of(store, FORMAT);
        AttributeLists { documents, known: RwLock::default(), giving: tokio::sync::Mutex::default() }
    }

    /// The names of a list, if there is one of this number.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn names(&self, number: i64) -> Result<Option<Names>, ListError> {
        if number == EMPTY_LIST {
            return Ok(Some(Names::default()));
        }
        let known = self.known.read().list(number);
        if known.is_some() {
            return Ok(known);
        }
        // Another server has given the number, or this one before it was started.
        let _giving = self.giving.lock().await;
        self.read_on().await?;
        Ok(self.known.read().list(number))
    }

    /// The number of the list of these names, which is given one if it has none.
    ///
    /// # Errors
    /// When there are too many lists, or the store fails.
    pub async fn number<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> Result<i64, ListError> {
        let joined = joined(names.clone());
        if joined.is_empty() {
            return Ok(EMPTY_LIST);
        }
        let find = || self.known.read().numbers.get(&joined[..]).copied();
        if let Some(number) = find() {
            return Ok(number);
        }
        let _giving = self.giving.lock().await;
        let document = Document { names: names.map(Box::from).collect() };
        loop {
            self.read_on().await?;
            if let Some(number) = find() {
                return Ok(number);
            }
            self.check_room(weight(&document.names))?;
            let number = FIRST + self.known.read().lists.len() as i64;
            if self.give(number, &document).await? {
                self.known.write().add(document.names.clone().into());
                return Ok(number);
            }
        }
    }

    fn check_room(&self, bytes: usize) -> Result<(), ListError> {
        let known = self.known.read();
        let has_room = known.lists.len() < LISTS_MAX && known.bytes + bytes <= BYTES_MAX;
        if has_room { Ok(()) } else { Err(ListError::TooMany) }
    }

    /// Writes the list of a number; false if another server has given the number meanwhile.
    async fn give(&self, number: i64, document: &Document) -> Result<bool, RecordError> {
        let key = key(number);
        let given = self.documents.transact(std::slice::from_ref(&key), |documents| {
            let is_free = !documents.is_there(0);
            if is_free {
                documents.put(0, document);
            }
            Ok::<_, std::convert::Infallible>(is_free)
        });
        let Ok(is_given) = given.await?;
        Ok(is_given)
    }

    /// Reads the lists behind those that are known.
    async fn read_on(&self) -> Result<(), RecordError> {
        loop {
            let known = self.known.read().lists.len() as i64;
            let last = key(FIRST + known - 1);
            let after = (known > 0).then_some(&last);
            let scope = RecordScope::Kind { service: SERVICE, kind: KIND };
            let page: Vec<(RecordKey, Document)> = self.documents.list(scope, after, PAGE).await?;
            let is_last = page.len() < PAGE;
            let mut lists = self.known.write();
            page.into_iter().for_each(|(_, document)| lists.add(document.names.into()));
            if is_last {
                return Ok(());
            }
        }
    }
}

fn key(number: i64) -> RecordKey {
    RecordKey::new(SERVICE, KIND, "", "", &format!("{number:016}"))
}

impl fmt::Debug for AttributeLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttributeLists")
            .field("known", &self.known.read().lists.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::ManualClock;
    use store::MemoryStore;
    use store::wait::wait;

    #[test]
    fn a_number_means_the_same_on_every_server_for_ever() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(Arc::new(ManualClock::at(0))));
        let (one, other) = (AttributeLists::of(Arc::clone(&store)), AttributeLists::of(Arc::clone(&store)));
        let number =
            |server: &AttributeLists, names: &[&str]| wait(server.number(names.iter().copied())).unwrap();
        assert_eq!(number(&one, &[]), EMPTY_LIST);
        assert_eq!((number(&one, &["a", "b"]), number(&one, &["b", "a"])), (2, 3));
        assert_eq!((number(&other, &["c"]), number(&one, &["c"]), number(&one, &["ab"])), (4, 4, 5));
        let restarted = AttributeLists::of(store);
        let names = wait(restarted.names(5)).unwrap().unwrap();
        assert_eq!(&*names, &[Box::from("ab")]);
        assert_eq!(number(&restarted, &["a", "b"]), 2);
        assert!(wait(restarted.names(6)).unwrap().is_none());
        for unknown in [0, -1, i64::MIN, i64::MAX] {
            assert!(wait(restarted.names(unknown)).unwrap().is_none());
        }
    }
}
