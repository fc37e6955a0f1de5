//! The engine's own documents in the store: descriptors, streams, jobs, the next table id.

use crate::error::EngineError;
use crate::table::{Scope, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::records::{self, RecordKey, RecordScope};
use store::{RecordWrite, Store};

const SERVICE: &str = "dynamodb";

/// The formats of tables with replicas, of such that are strongly consistent or going their own way, and of such with
/// replicas on other stores.
const TABLE_WITH_REPLICAS: u32 = 6;
const STRONG_TABLE: u32 = 7;
const TABLE_ELSEWHERE: u32 = 9;

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    NextTableId,
    Job,
    FeedCursor,
    Stream,
    DeletedTable,
    Backup,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Table => "table",
            Kind::NextTableId => "next-table-id",
            Kind::Job => "job",
            Kind::FeedCursor => "feed-cursor",
            Kind::Stream => "stream",
            Kind::DeletedTable => "deleted-table",
            Kind::Backup => "backup",
        }
    }

    /// The format that is written. Tables: 2 has consumers of the change feed, which 1 would not write for, 3 time to
    /// live, whose index 2 would not maintain, 4 data keys, under which 3 would not seal, 5 tables that are being
    /// restored, which 4 would take for complete ones. Jobs: 2 has cursors and kinds of job that 1 cannot read, 3
    /// removes indexes and has time indexes, 4 brings tables under other keys, 5 copies and restores tables, 6 copies
    /// what has changed between two times, 7 restores to a time what 6 would look for in a copy. Backups: 2 has copies
    /// for exports, which 1 would list.
    fn version(self) -> u32 {
        match self {
            Kind::NextTableId | Kind::FeedCursor | Kind::Stream | Kind::DeletedTable => 1,
            Kind::Backup => 2,
            Kind::Table => 5,
            Kind::Job => 7,
        }
    }

    /// The newest format that is read. Tables with replicas are written in newer ones: a server that knows 5 would keep
    /// no tombstones, one that knows 6 would write to one region what strongly consistent replicas have in all, and
    /// bring elsewhere what is written to one that is going its own way, and one that knows 7 would bring nothing to
    /// replicas on other stores, which 8 would make anew where they are tables that are there (version 2017.11.29).
    fn newest(self) -> u32 {
        if self == Kind::Table { TABLE_ELSEWHERE } else { self.version() }
    }

    /// The key of a document.
    pub(crate) fn key(self, scope: &Scope, id: &str) -> RecordKey {
        RecordKey::new(SERVICE, self.name(), &scope.account, &scope.region, id)
    }
}

/// Puts a document.
pub(crate) fn put<T: Serialize>(kind: Kind, scope: &Scope, id: &str, document: &T) -> RecordWrite {
    let written = records::write(&kind.key(scope, id), kind.version(), document);
    written.expect("the engine's documents are maps with text keys")
}

/// Puts the descriptor of a table.
pub(crate) fn put_table(table: &Table) -> RecordWrite {
    let version = match table.global() {
        None => Kind::Table.version(),
        Some(_) if table.settings.elsewhere.is_some() => TABLE_ELSEWHERE,
        Some(global) if global.is_strong || global.is_parting => STRONG_TABLE,
        Some(_) => TABLE_WITH_REPLICAS,
    };
    let written = records::write(&Kind::Table.key(&table.scope, &table.name), version, table);
    written.expect("the engine's documents are maps with text keys")
}

/// Puts a document that belongs to no account.
pub(crate) fn put_global<T: Serialize>(kind: Kind, id: &str, document: &T) -> RecordWrite {
    put(kind, &nowhere(), id, document)
}

/// Deletes a document.
pub(crate) fn delete(kind: Kind, scope: &Scope, id: &str) -> RecordWrite {
    records::delete(&kind.key(scope, id))
}

/// Deletes a document that belongs to no account.
pub(crate) fn delete_global(kind: Kind, id: &str) -> RecordWrite {
    delete(kind, &nowhere(), id)
}

/// A document, if it is there.
pub(crate) async fn read<T: DeserializeOwned>(
    store: &dyn Store,
    kind: Kind,
    scope: &Scope,
    id: &str,
) -> Result<Option<T>, EngineError> {
    Ok(records::read(store, &kind.key(scope, id), kind.newest()).await?)
}

/// A document that belongs to no account, if it is there.
pub(crate) async fn read_global<T: DeserializeOwned>(
    store: &dyn Store,
    kind: Kind,
    id: &str,
) -> Result<Option<T>, EngineError> {
    read(store, kind, &nowhere(), id).await
}

/// All documents of a kind.
pub(crate) async fn all<T: DeserializeOwned + Send>(
    store: &dyn Store,
    kind: Kind,
) -> Result<Vec<T>, EngineError> {
    let scope = RecordScope::Kind { service: SERVICE, kind: kind.name() };
    let found = records::list(store, scope, kind.newest()).await?;
    Ok(found.into_iter().map(|(_, document)| document).collect())
}

/// All documents of a kind in one account and region, in the order of their ids.
pub(crate) async fn in_region<T: DeserializeOwned + Send>(
    store: &dyn Store,
    kind: Kind,
    scope: &Scope,
) -> Result<Vec<T>, EngineError> {
    within(store, kind, &scope.account, Some(&scope.region)).await
}

/// All documents of a kind in an account, or in one of its regions.
pub(crate) async fn within<T: DeserializeOwned + Send>(
    store: &dyn Store,
    kind: Kind,
    account: &str,
    region: Option<&str>,
) -> Result<Vec<T>, EngineError> {
    let (service, kind_name) = (SERVICE, kind.name());
    let scope = match region {
        Some(region) => RecordScope::Region { service, kind: kind_name, account, region },
        None => RecordScope::Account { service, kind: kind_name, account },
    };
    let found = records::list(store, scope, kind.newest()).await?;
    Ok(found.into_iter().map(|(_, document)| document).collect())
}

/// The first documents of a kind in one account and region that are wanted, whose ids are behind one and before
/// another one; in the order of their ids.
pub(crate) async fn page_in_region<T: DeserializeOwned + Send>(
    store: &dyn Store,
    kind: Kind,
    scope: &Scope,
    (after, before): (Option<&str>, Option<&str>),
    limit: usize,
    is_wanted: impl FnMut(&T) -> bool + Send,
) -> Result<Vec<T>, EngineError> {
    let key = |id: &str| kind.key(scope, id).bytes();
    let (after, before) = (after.map_or(Vec::new(), key), before.map(key));
    let page = records::Page { after: &after, before: before.as_deref(), limit };
    let Scope { account, region } = scope;
    let scope = RecordScope::Region { service: SERVICE, kind: kind.name(), account, region };
    let found = records::page(store, scope, kind.newest(), page, is_wanted).await?;
    Ok(found.into_iter().map(|(_, document)| document).collect())
}

/// What the keys of a kind begin with.
pub(crate) fn prefix(kind: Kind) -> Vec<u8> {
    RecordScope::Kind { service: SERVICE, kind: kind.name() }.prefix()
}

/// What the keys of a kind begin with, in one account and region.
pub(crate) fn region_prefix(kind: Kind, scope: &Scope) -> Vec<u8> {
    let Scope { account, region } = scope;
    RecordScope::Region { service: SERVICE, kind: kind.name(), account, region }.prefix()
}

fn nowhere() -> Scope {
    Scope { account: "".into(), region: "".into() }
}
