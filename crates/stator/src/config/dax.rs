//! Whether DAX's clients are served, and where.

use crate::cli::Invocation;
use clap::ValueEnum;
use dax::{CacheMode, CacheSettings, Ttl};
use serde::Deserialize;
use std::fmt::{self, Formatter};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const PORT: u16 = 8111;
const TLS_PORT: u16 = 9111;
const MEGABYTES_MAX: u64 = 1 << 20;

/// `[dax]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DaxSection {
    /// As `--dax`.
    enabled: bool,
    /// As `--dax-port`.
    port: Option<u16>,
    /// As `--dax-advertise`.
    advertise: Option<SocketAddr>,
    /// As `--dax-cache`, in megabytes.
    cache_mb: Option<u64>,
    /// What ends what is cached: `coherent` (every write) or `aws` (writes by DAX, and time).
    cache_mode: Option<Mode>,
    /// How long an item is cached, in milliseconds; 0: as long as there is room.
    record_ttl_millis: Option<u64>,
    /// How long a page is cached, in milliseconds; 0: not at all.
    query_ttl_millis: Option<u64>,
}

/// The words for [`CacheMode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Every write ends what it makes untrue.
    Coherent,
    /// Writes by DAX, and time.
    Aws,
}

/// How DAX's clients are served.
#[derive(Debug, Clone)]
pub(crate) struct DaxConfig {
    /// Where it listens: the host of the other protocols, with TLS where they have it.
    pub(crate) address: SocketAddr,
    /// Where clients are told to go; `None` for where they have come to.
    pub(crate) advertised: Option<SocketAddr>,
    /// What is cached.
    pub(crate) cache: CacheSettings,
}

/// `None` where they are not served.
pub(super) fn resolve(
    told: &Invocation,
    file: &DaxSection,
    host: IpAddr,
    has_tls: bool,
) -> Option<DaxConfig> {
    let port = told.dax_port.or(file.port).unwrap_or(if has_tls { TLS_PORT } else { PORT });
    let advertised = told.dax_advertise.or(file.advertise);
    let config = DaxConfig { address: SocketAddr::new(host, port), advertised, cache: cache(told, file) };
    (told.dax || file.enabled).then_some(config)
}

fn cache(told: &Invocation, file: &DaxSection) -> CacheSettings {
    let default = CacheSettings::default();
    let ttl = |millis: Option<u64>, default| {
        millis.map_or(default, |millis| Ttl::of(Duration::from_millis(millis)))
    };
    let megabytes = told.dax_cache.or(file.cache_mb);
    CacheSettings {
        bytes: megabytes.map_or(default.bytes, |megabytes| megabytes.min(MEGABYTES_MAX) << 20),
        mode: match told.dax_cache_mode.or(file.cache_mode) {
            Some(Mode::Aws) => CacheMode::Aws,
            Some(Mode::Coherent) | None => CacheMode::Coherent,
        },
        item_ttl: ttl(file.record_ttl_millis, default.item_ttl),
        query_ttl: ttl(file.query_ttl_millis, default.query_ttl),
    }
}

/// The section that means the same.
pub(super) fn write(config: Option<&DaxConfig>, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(config) = config else { return Ok(()) };
    writeln!(f, "[dax]\nenabled = true\nport = {}", config.address.port())?;
    if let Some(advertised) = config.advertised {
        writeln!(f, "advertise = \"{advertised}\"")?;
    }
    writeln!(f, "cache_mb = {}", config.cache.bytes >> 20)?;
    let mode = if config.cache.mode == CacheMode::Aws { "aws" } else { "coherent" };
    writeln!(f, "cache_mode = \"{mode}\"")?;
    writeln!(f, "record_ttl_millis = {}", config.cache.item_ttl.millis())?;
    writeln!(f, "query_ttl_millis = {}\n", config.cache.query_ttl.millis())
}
