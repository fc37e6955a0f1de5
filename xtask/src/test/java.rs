//! The Java suite: programs that were written for DynamoDB against servers of their own. Maven gets what they need
//! once and keeps it where it keeps everything.

use super::{Outcome, Run, SuiteResult};
use crate::cargo::target_dir;
use crate::root;
use crate::server::Scratch;
use std::process::{Command, Stdio};

const OLDEST_JAVA: u32 = 17;

/// The Kinesis Client Library with its adapter for DynamoDB Streams.
pub(super) fn clients(run: &Run<'_>) -> SuiteResult {
    if java_version().is_none_or(|version| version < OLDEST_JAVA) || !has_maven() {
        return Ok(Outcome::Skipped(format!("Java {OLDEST_JAVA} or newer and Maven are not installed")));
    }
    let scratch = Scratch::under(&target_dir(), "java-data")?;
    let mut tests = Command::new("mvn");
    tests.args(["--batch-mode", "--quiet", "--no-transfer-progress", "test"]);
    tests.arg(format!("-DbuildDirectory={}", target_dir().join("client-java").display()));
    tests.current_dir(root().join("tests/clients/java"));
    tests.env("STATOR_BIN", run.stator).env("STATOR_SCRATCH", scratch.path());
    run.log.succeed(&mut tests).map(|()| Outcome::Passed)
}

fn has_maven() -> bool {
    let mut probe = Command::new("mvn");
    probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

fn java_version() -> Option<u32> {
    let output = Command::new("javac").arg("-version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix("javac ")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_java() {
        let check = |text, expected| assert_eq!(major(text), expected, "{text}");
        check("javac 17.0.15\n", Some(17));
        check("javac 1.8.0_292", Some(1));
        check("", None);
    }
}
