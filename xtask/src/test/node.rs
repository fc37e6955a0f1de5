//! The JavaScript suite: the AWS SDK v3 against a server, with exactly the packages of its lock file.

use super::log::Log;
use super::{Outcome, Run, SuiteResult, with_server};
use crate::root;
use std::fs;
use std::path::Path;
use std::process::Command;

const OLDEST_NODE: u32 = 20;

/// The AWS SDK for JavaScript against one server.
pub(super) fn clients(run: &Run<'_>) -> SuiteResult {
    if node_version().is_none_or(|version| version < OLDEST_NODE) {
        return Ok(Outcome::Skipped(format!("node {OLDEST_NODE} or newer is not installed")));
    }
    let folder = root().join("tests/clients/js");
    install(&folder, run.log)?;
    with_server(run, |url| {
        let mut tests = Command::new("node");
        tests.args(["--no-warnings", "--test"]).current_dir(&folder).env("STATOR_ENDPOINT", url);
        tests.env("STATOR_BIN", run.stator);
        run.log.succeed(&mut tests)
    })
}

/// Installs once per lock file.
fn install(folder: &Path, log: &Log) -> Result<(), String> {
    let lock =
        fs::read(folder.join("package-lock.json")).map_err(|error| format!("package-lock.json: {error}"))?;
    let stamp = folder.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    log.succeed(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(folder))?;
    fs::write(&stamp, lock).map_err(|error| format!("{}: {error}", stamp.display()))
}

fn node_version() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node() {
        let check = |text, expected| assert_eq!(major(text), expected, "{text}");
        check("v20.20.2\n", Some(20));
        check("v9.0.0", Some(9));
        check("", None);
        check("node", None);
    }
}
