//! Data in a database that several servers may share.

use super::allowed;
use crate::cli::Invocation;
use crate::failure::Failure;
use serde::Deserialize;
use std::ops::RangeInclusive;

/// `[store]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreSection {
    #[expect(dead_code, reason = "there is one kind, which the file must name")]
    kind: Kind,
    /// As `--store`.
    url: Option<String>,
    /// Standbys that eventually consistent reads may go to.
    read_replicas: Option<String>,
    /// The schema with the tables.
    schema: Option<String>,
    /// The cluster that the data must belong to.
    cluster: Option<String>,
    /// Connections that write.
    connections: Option<i64>,
    /// As `--accept-loss`.
    #[serde(default)]
    accept_loss: bool,
}

/// What keeps the data.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Postgres,
}

/// Where the data is, and how it is reached.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DatabaseConfig {
    pub(crate) url: String,
    pub(crate) read_replicas: Option<String>,
    pub(crate) schema: String,
    pub(crate) cluster: Option<String>,
    /// Connections that write.
    pub(crate) connections: usize,
    pub(crate) accept_loss: bool,
}

const SCHEMA: &str = "stator";
const CONNECTIONS: i64 = 16;
const CONNECTIONS_ALLOWED: RangeInclusive<i64> = 1..=1_000;

impl DatabaseConfig {
    /// The database of the command line, or of the file; `None` where there is none.
    pub(super) fn resolve(told: &Invocation, file: Option<StoreSection>) -> Result<Option<Self>, Failure> {
        let told_url = told.store.clone();
        let Some(StoreSection { url, read_replicas, schema, cluster, connections, accept_loss, .. }) = file
        else {
            return Ok(told_url.map(|url| Self::of(url, told.accept_loss)));
        };
        let Some(url) = told_url.or(url) else {
            return Err(Failure::Usage("[store] has no url; name the database".to_owned()));
        };
        let defaults = Self::of(url, told.accept_loss || accept_loss);
        let connections =
            allowed("store", "connections", CONNECTIONS_ALLOWED, connections.unwrap_or(CONNECTIONS))?;
        Ok(Some(DatabaseConfig {
            read_replicas,
            schema: schema.unwrap_or(defaults.schema),
            cluster,
            connections: usize::try_from(connections).expect("it is at most a thousand"),
            ..defaults
        }))
    }

    /// This database, the rest as it is by default.
    pub(crate) fn of(url: String, accept_loss: bool) -> Self {
        let connections = usize::try_from(CONNECTIONS).expect("it is small");
        let schema = SCHEMA.to_owned();
        DatabaseConfig { url, read_replicas: None, schema, cluster: None, connections, accept_loss }
    }

    /// The URL without its password.
    pub(crate) fn shown(&self) -> String {
        without_password(&self.url)
    }

    /// The URL of the replicas without its password.
    pub(crate) fn shown_replicas(&self) -> Option<String> {
        self.read_replicas.as_deref().map(without_password)
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "a database".to_owned() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    // Parameters may have a password as well.
    let database = path.split('?').next().unwrap_or_default();
    format!("{scheme}://{authority}/{database}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let shown = |url: &str| {
            let told = Invocation { store: Some(url.to_owned()), ..Invocation::default() };
            DatabaseConfig::resolve(&told, None).unwrap().unwrap().shown()
        };
        assert_eq!(shown("postgres://u:p@a:1,b:2/d?password=p"), "postgres://u@a:1,b:2/d");
        assert_eq!(shown("postgres:///d?user=u&password=p"), "postgres:///d");
        assert_eq!(shown("host=a password=p"), "a database");
    }
}
