//! Documents of the side services and the catalog: `(service, kind, account, region, id)` to versioned JSON.
//!
//! A key's parts are joined so that no two keys collide, keys sort part by part, and everything of a service and
//! kind, or of one account or region of it, is one prefix. A document is `{"version":N,"document":{…}}`; one
//! that a newer program wrote is refused with its version.
//!
//! What the documents mean is their owners' business.

use crate::contract::{RecordWrite, Store, StoreError, Visit};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The owner, such as `dynamodb`.
    pub service: String,
    /// What it describes, such as `table`.
    pub kind: String,
    /// The account; empty where a document belongs to none.
    pub account: String,
    /// The region; empty where a document belongs to none.
    pub region: String,
    /// The thing's own name or id.
    pub id: String,
}

/// Which documents: everything of a service and kind, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordScope<'a> {
    /// All accounts and regions.
    Kind {
        /// The owner.
        service: &'a str,
        /// What is described.
        kind: &'a str,
    },
    /// One account, all regions.
    Account {
        /// The owner.
        service: &'a str,
        /// What is described.
        kind: &'a str,
        /// The account.
        account: &'a str,
    },
    /// One account and region.
    Region {
        /// The owner.
        service: &'a str,
        /// What is described.
        kind: &'a str,
        /// The account.
        account: &'a str,
        /// The region.
        region: &'a str,
    },
}

/// Why a document could not be read or made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The store's own trouble.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A newer version of the program wrote it. The binary ends with exit code 5.
    #[error(
        "{key} was written in format {found} by a newer version; this one knows up to {known}: start the newer version"
    )]
    Newer {
        /// The document, readable.
        key: String,
        /// Its version.
        found: u32,
        /// The newest version that is understood.
        known: u32,
    },
    /// Not JSON, or not the JSON its owner writes.
    #[error("{key} is damaged: {reason}")]
    Damaged {
        /// The document, readable.
        key: String,
        /// What does not fit.
        reason: String,
    },
}

impl RecordKey {
    /// A key from its five parts.
    pub fn new(service: &str, kind: &str, account: &str, region: &str, id: &str) -> Self {
        let [service, kind, account, region, id] = [service, kind, account, region, id].map(str::to_owned);
        Self { service, kind, account, region, id }
    }

    /// The key's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        joined(&[&self.service, &self.kind, &self.account, &self.region, &self.id])
    }

    /// The key of some bytes, if they are one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (parts, rest) = parts(bytes)?;
        let [service, kind, account, region, id] = parts;
        rest.is_empty().then_some(Self { service, kind, account, region, id })
    }

    fn readable(&self) -> String {
        let Self { service, kind, account, region, id } = self;
        format!("the record {service}/{kind}/{account}/{region}/{id}")
    }
}

impl RecordScope<'_> {
    /// What the keys of the scope, and no others, begin with.
    pub fn prefix(&self) -> Vec<u8> {
        match *self {
            RecordScope::Kind { service, kind } => joined(&[service, kind]),
            RecordScope::Account { service, kind, account } => joined(&[service, kind, account]),
            RecordScope::Region { service, kind, account, region } => {
                joined(&[service, kind, account, region])
            }
        }
    }
}

/// A part ends with 00 00; a zero inside it is written 00 01. So parts sort as their bytes do, and none is
/// the beginning of another.
const PART_END: [u8; 2] = [0, 0];
const ZERO: [u8; 2] = [0, 1];

fn joined(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 2).sum());
    for part in parts {
        for byte in part.bytes() {
            if byte == 0 { bytes.extend(ZERO) } else { bytes.push(byte) }
        }
        bytes.extend(PART_END);
    }
    bytes
}

fn parts(mut bytes: &[u8]) -> Option<([String; 5], &[u8])> {
    let mut parts: [String; 5] = Default::default();
    for place in &mut parts {
        (*place, bytes) = part(bytes)?;
    }
    Some((parts, bytes))
}

fn part(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut part = Vec::new();
    let mut rest = bytes;
    loop {
        match rest {
            [0, 0, after @ ..] => return Some((String::from_utf8(part).ok()?, after)),
            [0, 1, after @ ..] => {
                part.push(0);
                rest = after;
            }
            [byte, after @ ..] if *byte != 0 => {
                part.push(*byte);
                rest = after;
            }
            _ => return None,
        }
    }
}

#[derive(Serialize)]
struct Written<'a, T> {
    version: u32,
    document: &'a T,
}

#[derive(serde::Deserialize)]
struct Versioned<T> {
    version: u32,
    document: T,
}

/// The write of a document in format `version`, to be put into a plan.
///
/// # Errors
/// When the document has no JSON form.
pub fn write<T: Serialize>(key: &RecordKey, version: u32, document: &T) -> Result<RecordWrite, RecordError> {
    let json = serde_json::to_vec(&Written { version, document }).map_err(|error| damaged(key, &error))?;
    Ok(RecordWrite { key: key.bytes(), document: Some(json) })
}

/// The deletion of a document, to be put into a plan.
pub fn delete(key: &RecordKey) -> RecordWrite {
    RecordWrite { key: key.bytes(), document: None }
}

/// A document of format `known` or older, if it is there. Older formats are read with serde's defaults of its type.
///
/// # Errors
/// When the store cannot read, or the document is newer than `known` or damaged.
pub async fn read<T: DeserializeOwned>(
    store: &dyn Store,
    key: &RecordKey,
    known: u32,
) -> Result<Option<T>, RecordError> {
    store.record(&key.bytes()).await?.map(|json| parse(key, known, &json)).transpose()
}

/// Every document of a scope, in the order of the keys.
///
/// # Errors
/// As [`read`], at the first document that cannot be read.
pub async fn list<T: DeserializeOwned + Send>(
    store: &dyn Store,
    scope: RecordScope<'_>,
    known: u32,
) -> Result<Vec<(RecordKey, T)>, RecordError> {
    let all = Page { after: &[], before: None, limit: usize::MAX };
    page(store, scope, known, all, |_| true).await
}

/// Which documents of a scope are read.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Those behind this key; empty: from the first one on.
    pub after: &'a [u8],
    /// Those before this key.
    pub before: Option<&'a [u8]>,
    /// How many at most.
    pub limit: usize,
}

/// The first documents of a page that are wanted, in the order of the keys. Those that are not on it are not parsed.
///
/// # Errors
/// As [`list`].
pub async fn page<T: DeserializeOwned + Send>(
    store: &dyn Store,
    scope: RecordScope<'_>,
    known: u32,
    Page { after, before, limit }: Page<'_>,
    mut is_wanted: impl FnMut(&T) -> bool + Send,
) -> Result<Vec<(RecordKey, T)>, RecordError> {
    let (mut found, mut fault) = (Vec::new(), None);
    let visit = &mut |bytes: &[u8], json: &[u8]| {
        if bytes <= after {
            return Visit::Continue;
        }
        if found.len() >= limit || before.is_some_and(|before| bytes >= before) {
            return Visit::Stop;
        }
        match parse_listed(bytes, known, json) {
            Ok((key, document)) if is_wanted(&document) => found.push((key, document)),
            Ok(_) => {}
            Err(error) => fault = Some(error),
        }
        if fault.is_some() { Visit::Stop } else { Visit::Continue }
    };
    store.records(&scope.prefix(), visit).await?;
    fault.map_or(Ok(found), Err)
}

/// The key of something that is stored under it.
pub(crate) fn listed_key(bytes: &[u8]) -> Result<RecordKey, StoreError> {
    let unreadable = || StoreError::Corrupt(format!("the record key {} is not a key", bytes.escape_ascii()));
    RecordKey::from_bytes(bytes).ok_or_else(unreadable)
}

fn parse_listed<T: DeserializeOwned>(
    bytes: &[u8],
    known: u32,
    json: &[u8],
) -> Result<(RecordKey, T), RecordError> {
    let key = listed_key(bytes)?;
    let document = parse(&key, known, json)?;
    Ok((key, document))
}

/// The version is checked before the document, whose newer form would only look damaged.
pub(crate) fn parse<T: DeserializeOwned>(key: &RecordKey, known: u32, json: &[u8]) -> Result<T, RecordError> {
    let head: Versioned<IgnoredAny> = serde_json::from_slice(json).map_err(|error| damaged(key, &error))?;
    if head.version > known {
        return Err(RecordError::Newer { key: key.readable(), found: head.version, known });
    }
    let whole: Versioned<T> = serde_json::from_slice(json).map_err(|error| damaged(key, &error))?;
    Ok(whole.document)
}

fn damaged(key: &RecordKey, error: &serde_json::Error) -> RecordError {
    RecordError::Damaged { key: key.readable(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::*;
    use crate::memory::MemoryStore;
    use crate::wait::wait;
    use std::sync::Arc;
    use stdx::SystemClock;

    fn keys() -> Vec<RecordKey> {
        let key = |parts: [&str; 5]| RecordKey::new(parts[0], parts[1], parts[2], parts[3], parts[4]);
        let mut keys = vec![
            key(["dynamodb", "table", "000000000000", "local", "orders"]),
            key(["dynamodb", "table", "000000000000", "local", "orders2"]),
            key(["dynamodb", "table", "000000000000", "locale", "orders"]),
            key(["dynamodb", "table", "111111111111", "", "\0a"]),
            key(["dynamodb", "table", "111111111111", "", "\0"]),
            key(["dynamodb", "table", "", "1", ""]),
            key(["dynamodb", "tabletwo", "", "", "ü"]),
            key(["iam", "", "", "", ""]),
        ];
        keys.sort();
        keys
    }

    #[test]
    fn keys_come_back_and_sort_part_by_part() {
        let bytes: Vec<_> = keys().iter().map(RecordKey::bytes).collect();
        assert!(bytes.is_sorted());
        assert_eq!(bytes.iter().map(|b| RecordKey::from_bytes(b).unwrap()).collect::<Vec<_>>(), keys());
        for bad in [&b""[..], b"a\0\0", b"\0", b"a\0\x02\0\0\0\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\0\0\0x"] {
            assert_eq!(RecordKey::from_bytes(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_scope_is_a_prefix_of_its_own_keys_only() {
        let check = |scope: RecordScope<'_>, expect: usize| {
            let prefix = scope.prefix();
            assert_eq!(
                keys().iter().filter(|key| key.bytes().starts_with(&prefix)).count(),
                expect,
                "{scope:?}"
            );
        };
        let (service, kind, account) = ("dynamodb", "table", "000000000000");
        check(RecordScope::Kind { service, kind }, 6);
        check(RecordScope::Account { service, kind, account }, 3);
        check(RecordScope::Region { service, kind, account, region: "local" }, 2);
    }

    fn saved(writes: Vec<RecordWrite>) -> MemoryStore {
        let store = MemoryStore::new(Arc::new(SystemClock));
        let plan = Plan { records: writes, ..Plan::default() };
        let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
        store.mutate(Mutation { keys: &[], fences: &[], locking: Locking::Single, decide }).wait().unwrap();
        store
    }

    #[test]
    fn documents_come_back_alone_and_listed() {
        let writes = keys().iter().map(|key| write(key, 1, &key.id).unwrap()).collect();
        let store = saved(writes);
        assert_eq!(wait(read::<String>(&store, &keys()[3], 1)), Ok(Some(keys()[3].id.clone())));
        assert_eq!(wait(read::<String>(&store, &RecordKey::new("a", "b", "c", "d", "e"), 1)), Ok(None));
        let listed =
            wait(list::<String>(&store, RecordScope::Kind { service: "dynamodb", kind: "table" }, 1))
                .unwrap();
        assert_eq!(listed, keys()[..6].iter().map(|key| (key.clone(), key.id.clone())).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_has_what_is_wanted_between_two_keys() {
        let store = saved((1..=9).map(|n| write(&numbered(n), 1, &n).unwrap()).collect());
        let check = |after: u32, before: Option<u32>, limit, expected: &[u32]| {
            let (after, before) = (numbered(after).bytes(), before.map(|n| numbered(n).bytes()));
            let wanted = Page { after: &after, before: before.as_deref(), limit };
            let scope = RecordScope::Kind { service: "s", kind: "k" };
            let found = wait(page::<u32>(&store, scope, 1, wanted, |n| n % 2 == 1)).unwrap();
            assert_eq!(found.into_iter().map(|(_, n)| n).collect::<Vec<_>>(), expected);
        };
        check(0, None, 9, &[1, 3, 5, 7, 9]);
        check(0, None, 2, &[1, 3]);
        check(3, None, 2, &[5, 7]);
        check(0, Some(5), 9, &[1, 3]);
        check(9, None, 9, &[]);
        check(0, None, 0, &[]);
    }

    fn numbered(n: u32) -> RecordKey {
        RecordKey::new("s", "k", "a", "r", &n.to_string())
    }

    #[test]
    fn newer_and_damaged_documents_are_told_apart() {
        let check = |json: &str, expect: &str| {
            let key = &keys()[0];
            let store =
                saved(vec![RecordWrite { key: key.bytes(), document: Some(json.as_bytes().to_vec()) }]);
            let alone = wait(read::<String>(&store, key, 2)).unwrap_err();
            let scope = RecordScope::Kind { service: "dynamodb", kind: "table" };
            assert_eq!(wait(list::<String>(&store, scope, 2)).unwrap_err(), alone);
            assert!(alone.to_string().contains(expect), "{alone}");
        };
        check(
            r#"{"version":3,"document":{"unknown":1}}"#,
            "in format 3 by a newer version; this one knows up to 2",
        );
        check(r#"{"version":2,"document":{"unknown":1}}"#, "is damaged");
        check(r#"{"document":"x"}"#, "is damaged");
        check("{", "is damaged");
    }
}
