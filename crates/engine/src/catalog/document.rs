//! The engine's own documents in the store: descriptors, jobs, the next table id.

use crate::error::EngineError;
use crate::table::Scope;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{RecordWrite, Store, Visit};

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    NextTableId,
    Job,
}

/// The version of all documents written here.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Versioned<'a, T> {
    version: u32,
    document: &'a T,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
struct Document<T> {
    document: T,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Table => "table",
            Kind::NextTableId => "next-table-id",
            Kind::Job => "job",
        }
    }

    fn prefix(self) -> Vec<u8> {
        parts(&["engine", self.name()])
    }

    fn key(self, scope: &Scope, id: &str) -> Vec<u8> {
        parts(&["engine", self.name(), &scope.account, &scope.region, id])
    }
}

/// Parts of a key, each ended by a zero byte, which none of them contains.
fn parts(parts: &[&str]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.bytes().chain([0])).collect()
}

/// Puts a document.
pub(crate) fn put<T: Serialize>(kind: Kind, scope: &Scope, id: &str, document: &T) -> RecordWrite {
    let bytes = serde_json::to_vec(&Versioned { version: VERSION, document });
    let bytes = bytes.expect("the engine's documents are maps with text keys");
    RecordWrite { key: kind.key(scope, id), document: Some(bytes) }
}

/// Puts the one document of a kind that belongs to no account.
pub(crate) fn put_global<T: Serialize>(kind: Kind, document: &T) -> RecordWrite {
    put(kind, &Scope { account: String::new(), region: String::new() }, "", document)
}

/// Deletes a document.
pub(crate) fn delete(kind: Kind, scope: &Scope, id: &str) -> RecordWrite {
    RecordWrite { key: kind.key(scope, id), document: None }
}

/// All documents of a kind.
pub(crate) fn all<T: DeserializeOwned>(store: &dyn Store, kind: Kind) -> Result<Vec<T>, EngineError> {
    let mut documents = Vec::new();
    let mut fault = None;
    store.records(&kind.prefix(), &mut |_, bytes| match read(bytes) {
        Ok(document) => {
            documents.push(document);
            Visit::Continue
        }
        Err(error) => {
            fault = Some(error);
            Visit::Stop
        }
    })?;
    fault.map_or(Ok(documents), Err)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, EngineError> {
    let damaged = |error: serde_json::Error| EngineError::Descriptor(error.to_string());
    let Version { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version > VERSION {
        return Err(EngineError::Newer(format!(
            "a document has version {version}, this version knows {VERSION}"
        )));
    }
    serde_json::from_slice::<Document<T>>(bytes).map(|read| read.document).map_err(damaged)
}
