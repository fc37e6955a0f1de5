//! Announces readiness: one line on stdout, and a file for scripts.

use crate::config::{Config, DataConfig};
use crate::failure::Failure;
use serde::Serialize;
use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the ready file holds.
#[derive(Serialize)]
struct ReadyFile<'a> {
    url: &'a str,
    port: u16,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    dax: Option<&'a str>,
}

/// Where programs of this machine reach the server.
pub(crate) fn url_of_this_machine(config: &Config, mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{address}")
}

/// Writes the file, then the line: the file is there once the line is printed.
pub(crate) fn announce(config: &Config, address: SocketAddr, dax: Option<&str>) -> Result<(), Failure> {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    if let Some(path) = &config.ready_file {
        write_file(path, &ReadyFile { url: &url, port: address.port(), pid: std::process::id(), dax })?;
    }
    let greeting = if config.as_dynamodb_local { dynamodb_local(config, address) } else { String::new() };
    let dax = dax.map(|url| format!(" and {url}")).unwrap_or_default();
    let line = format!("stator {VERSION} ready on {url}{dax} ({})\n", data(&config.data));
    let mut stdout = io::stdout().lock();
    // A closed stdout is ignored.
    _ = stdout.write_all((greeting + &line).as_bytes()).and_then(|()| stdout.flush());
    Ok(())
}

/// DynamoDB Local's first line; containers made for it wait for this line.
fn dynamodb_local(config: &Config, address: SocketAddr) -> String {
    let (in_memory, path) = match &config.data {
        DataConfig::Memory => (true, "null".to_owned()),
        DataConfig::Directory { path, .. } => (false, path.display().to_string()),
        DataConfig::Database(database) => (false, database.shown()),
    };
    format!(
        "Initializing DynamoDB Local with the following configuration:\nPort:\t{}\nInMemory:\t{in_memory}\n\
         Version:\tstator {VERSION}\nDbPath:\t{path}\nSharedDb:\t{}\nshouldDelayTransientStatuses:\tfalse\n\
         CorsParams:\t{}\n\n",
        address.port(),
        config.auth.shares_regions(),
        config.http.cors(),
    )
}

/// Removes the file: a stopped server is not ready.
pub(crate) fn withdraw(config: &Config) {
    if let Some(path) = &config.ready_file {
        _ = fs::remove_file(path); // it may have been removed already
    }
}

fn data(data: &DataConfig) -> String {
    match data {
        DataConfig::Memory => "data: in memory, gone at exit".to_owned(),
        DataConfig::Directory { path, durability, .. } => {
            format!("data: {}, durability: {}", path.display(), durability.name())
        }
        DataConfig::Database(database) => format!("data: {}", database.shown()),
    }
}

/// Readers see all of the file or none: it is written beside its place and renamed.
fn write_file(path: &Path, ready: &ReadyFile<'_>) -> Result<(), Failure> {
    let mut text = serde_json::to_string(ready).expect("plain members become JSON");
    text.push('\n');
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", ready.pid));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        Failure::Other(format!(
            "cannot write the ready file {}: {error}; choose a writable place with --ready-file",
            path.display()
        ))
    })
}
