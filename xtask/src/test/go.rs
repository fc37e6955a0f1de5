//! The Go suite: the AWS SDK for Go over TLS against a server of its own, with exactly the modules of its lock file.

use super::{Outcome, Run, SuiteResult};
use crate::root;
use std::path::Path;
use std::process::{Command, Stdio};

/// The SDK needs it.
const OLDEST_GO: u32 = 24;

/// Where installers put it, beside the path.
const PLACES: [&str; 2] = ["go", "/usr/local/go/bin/go"];

/// A machine without Go passes without it: the other SDKs speak the same protocol.
pub(super) fn clients(run: &Run<'_>) -> SuiteResult {
    let Some(go) = PLACES.into_iter().find(|go| version(go).is_some_and(|minor| minor >= OLDEST_GO)) else {
        return Ok(Outcome::Left(format!("Go 1.{OLDEST_GO} or newer is not installed")));
    };
    let folder = root().join("tests/clients/go");
    run.log.succeed(test(go, &folder).env("STATOR_BIN", run.stator)).map(|()| Outcome::Passed)
}

fn test(go: &str, folder: &Path) -> Command {
    let mut tests = Command::new(go);
    tests
        .args(["test", "-count=1", "-mod=readonly", "./..."])
        .current_dir(folder)
        .env("GOTOOLCHAIN", "local");
    tests
}

fn version(go: &str) -> Option<u32> {
    let output = Command::new(go).arg("version").stderr(Stdio::null()).output().ok()?;
    minor(&String::from_utf8_lossy(&output.stdout))
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("go version go1.")?.split(['.', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_go() {
        let check = |text, expected| assert_eq!(minor(text), expected, "{text}");
        check("go version go1.26.8 linux/amd64\n", Some(26));
        check("go version go1.24 darwin/arm64", Some(24));
        check("", None);
    }
}
