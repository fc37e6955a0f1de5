//! Who may read `/metrics`. The page names accounts and tables, so a server that verifies signatures shows it only for
//! a token. The client's address does not count: a proxy in front may run on the same machine. A server without
//! verification shows it to every client.

use super::auth::AuthConfig;
use crate::failure::Failure;
use serde::Deserialize;
use std::env;
use std::fmt;

/// `[metrics]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MetricsSection {
    /// What a client sends as `Authorization: Bearer …`.
    token: Option<String>,
}

/// The access rule of the page.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum MetricsConfig {
    /// Every client.
    Everybody,
    /// Requests with this token.
    Bearer(String),
    /// No client.
    Nobody,
}

impl MetricsConfig {
    /// `STATOR_METRICS_TOKEN` wins over the file.
    pub(super) fn resolve(file: MetricsSection, auth: &AuthConfig) -> Result<Self, Failure> {
        match env::var("STATOR_METRICS_TOKEN").ok().or(file.token) {
            Some(token) if token.is_empty() => Err(Failure::Usage(EMPTY.to_owned())),
            Some(token) => Ok(MetricsConfig::Bearer(token)),
            None if auth.verifies() => Ok(MetricsConfig::Nobody),
            None => Ok(MetricsConfig::Everybody),
        }
    }
}

const EMPTY: &str = "the token of [metrics] is empty, which everybody knows; give it a value or leave it out";

impl fmt::Debug for MetricsSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsSection").finish_non_exhaustive()
    }
}

impl fmt::Debug for MetricsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MetricsConfig::Everybody => "Everybody",
            MetricsConfig::Bearer(_) => "Bearer",
            MetricsConfig::Nobody => "Nobody",
        })
    }
}
