//! A server's whole life under callgrind: start, some requests, a clean stop, the number of instructions.

use crate::api::Connection;
use crate::server::Server;
use std::path::Path;
use std::process::{Command, Stdio};

/// The error explains how to install valgrind where it is missing.
pub(super) fn available() -> Result<(), String> {
    let status = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err("valgrind is not installed (apt-get install valgrind)".into()),
    }
}

/// Instructions of all threads, over an empty data folder.
pub(super) fn life(
    binary: &Path,
    scratch: &Path,
    requests: impl FnOnce(&mut Connection) -> Result<(), String>,
) -> Result<u64, String> {
    let (data, counts) = (scratch.join("data"), scratch.join("counts"));
    _ = std::fs::remove_dir_all(&data);
    let mut command = Command::new("valgrind");
    command.args(["-q", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", counts.display()));
    command.arg(binary).env("TOKIO_WORKER_THREADS", "1");
    let server = Server::spawn(command, &data)?;
    requests(&mut Connection::open(&server.url)?)?;
    server.stop()?;
    let text = std::fs::read_to_string(&counts).map_err(|error| format!("{}: {error}", counts.display()))?;
    total(&text).ok_or_else(|| format!("{}: no total", counts.display()))
}

fn total(counts: &str) -> Option<u64> {
    counts.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_run() {
        assert_eq!(total("events: Ir\nfn=(0)\n16 4\n\ntotals: 37504742\n"), Some(37_504_742));
        assert_eq!(total("events: Ir\n"), None);
    }
}
