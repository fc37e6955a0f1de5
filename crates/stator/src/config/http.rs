//! Address, limits, and allowed hosts and origins.

use super::allowed;
use super::file::Mode;
use crate::cli::Invocation;
use crate::failure::Failure;
use http_server::{Connections, Cors, HostRule, Limits, Settings};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The port DynamoDB's own clients expect a local server at.
const DEFAULT_PORT: u16 = 8000;

/// `[http]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HttpSection {
    /// As `--host`.
    host: Option<String>,
    /// As `--port`.
    port: Option<u16>,
    /// `off` where a proxy in front does it.
    tls: Option<TlsKey>,
    /// As `--cors`, as a list.
    cors: Option<Vec<String>>,
    /// Names a loopback listener answers to beside its own.
    hosts: Vec<String>,
    /// Open connections.
    connections_max: Option<i64>,
    /// Bodies of all requests being served, together.
    in_flight_mb_max: Option<i64>,
    /// Seconds for the head of a request, idle time before it included.
    head_timeout_seconds: Option<i64>,
    /// Seconds for a whole body.
    body_timeout_seconds: Option<i64>,
    /// Seconds for a client to take a response.
    response_timeout_seconds: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TlsKey {
    Off,
}

/// The listener of this run.
#[derive(Debug)]
pub(crate) struct HttpConfig {
    pub(crate) address: SocketAddr,
    settings: Settings,
}

impl HttpConfig {
    pub(super) fn resolve(
        told: &Invocation,
        file: HttpSection,
        mode: Mode,
        speaks_tls: bool,
    ) -> Result<Self, Failure> {
        match (speaks_tls, file.tls) {
            (false, None) if mode == Mode::Production => return Err(Failure::Usage(NO_TLS.to_owned())),
            (true, Some(TlsKey::Off)) => return Err(Failure::Usage(TWO_WAYS.to_owned())),
            _ => {}
        }
        let host = told.host.as_deref().or(file.host.as_deref()).map(address).transpose()?;
        let host = host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = told.port.or(file.port).unwrap_or(DEFAULT_PORT);
        let limits = file.limits()?;
        let cors = told.cors.clone().or(file.cors.map(|origins| origins.join(",")));
        let settings = Settings {
            limits,
            cors: cors.map_or(Cors::Any, |list| Cors::parse(&list)),
            host_rule: HostRule::of(host, file.hosts),
            connections: Connections::default(),
        };
        Ok(HttpConfig { address: SocketAddr::new(host, port), settings })
    }

    /// What the listener needs.
    pub(crate) fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// The allowed origins as a list.
    pub(crate) fn cors(&self) -> String {
        match &self.settings.cors {
            Cors::Any => "*".to_owned(),
            Cors::Origins(origins) => origins.join(","),
        }
    }
}

const NO_TLS: &str = "a production server must not speak plain HTTP by accident; name certificate and key in [tls] of \
                      stator.toml (stator init makes them), or write tls = \"off\" into [http] if a proxy in front does it";
const TWO_WAYS: &str = "[http] has tls = \"off\" and there is a certificate for TLS; keep one of them";

impl HttpSection {
    fn limits(&self) -> Result<Limits, Failure> {
        let default = Limits::default();
        let connections = count("connections_max", CONNECTIONS, self.connections_max)?;
        let in_flight_mb = count("in_flight_mb_max", IN_FLIGHT_MB, self.in_flight_mb_max)?;
        let head = timeout("head_timeout_seconds", self.head_timeout_seconds)?;
        let body = timeout("body_timeout_seconds", self.body_timeout_seconds)?;
        let response = timeout("response_timeout_seconds", self.response_timeout_seconds)?;
        Ok(Limits {
            connections: connections.unwrap_or(default.connections),
            in_flight_bytes: in_flight_mb.map_or(default.in_flight_bytes, |mb| mb.saturating_mul(1 << 20)),
            head_timeout: head.unwrap_or(default.head_timeout),
            body_timeout: body.unwrap_or(default.body_timeout),
            response_timeout: response.unwrap_or(default.response_timeout),
            ..default
        })
    }
}

const CONNECTIONS: RangeInclusive<i64> = 1..=1_000_000;
/// Up to a terabyte, which is more than any machine this is made for has.
const IN_FLIGHT_MB: RangeInclusive<i64> = 1..=1_048_576;
/// Up to a day.
const TIMEOUT_SECONDS: RangeInclusive<i64> = 1..=86_400;

fn count(key: &str, range: RangeInclusive<i64>, value: Option<i64>) -> Result<Option<usize>, Failure> {
    let value = value.map(|value| allowed("http", key, range, value)).transpose()?;
    Ok(value.map(|value| usize::try_from(value).expect("the ranges are of numbers every machine counts to")))
}

fn timeout(key: &str, seconds: Option<i64>) -> Result<Option<Duration>, Failure> {
    let seconds = seconds.map(|seconds| allowed("http", key, TIMEOUT_SECONDS, seconds)).transpose()?;
    Ok(seconds.map(Duration::from_secs))
}

/// An address, never a name: nothing is looked up at start.
fn address(host: &str) -> Result<IpAddr, Failure> {
    if host == "localhost" {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse().map_err(|_| {
        Failure::Usage(format!(
            "{host:?} is no IP address; --host takes one, such as 127.0.0.1 or 0.0.0.0 for all interfaces"
        ))
    })
}
