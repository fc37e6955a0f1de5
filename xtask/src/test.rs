//! `cargo xtask test`: every test there is, suite by suite, with a count at the end.
//!
//! What this machine lacks (Python, Node, Java) is skipped and reported; with `CI=true` it is a failure, so that CI
//! skips nothing but Go.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

mod go;
mod java;
mod node;
mod python;

use crate::cargo::{build_stator, cargo, succeed, target_dir};
use crate::root;
use crate::server::{Scratch, Server};
use std::time::Instant;

/// How a suite ended, unless it failed.
pub(crate) enum Outcome {
    Passed,
    /// The machine lacks something: what.
    Skipped(String),
    /// The same of something that no machine needs to have.
    Left(String),
}

type SuiteResult = Result<Outcome, String>;

struct Suite {
    name: &'static str,
    /// Part of another suite: runs only when named.
    on_demand: bool,
    run: fn() -> SuiteResult,
}

const SUITES: &[Suite] = &[
    Suite { name: "rust", on_demand: false, run: rust },
    Suite { name: "cases", on_demand: true, run: cases },
    Suite { name: "python", on_demand: false, run: python::clients },
    Suite { name: "js", on_demand: false, run: node::clients },
    Suite { name: "java", on_demand: false, run: java::clients },
    Suite { name: "rust-sdk", on_demand: false, run: rust_sdk },
    Suite { name: "go", on_demand: false, run: go::clients },
    Suite { name: "examples", on_demand: false, run: python::examples },
];

/// What `cargo xtask test` accepts after it.
pub(crate) const ARGUMENTS: &str = "[rust|cases|python|js|java|rust-sdk|go|examples]...";

/// Runs the named suites, or all.
pub(crate) fn run(names: &[String]) -> Result<(), String> {
    let suites = chosen(names)?;
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (number, suite) in suites.iter().enumerate() {
        eprintln!("── {} ({} of {})", suite.name, number + 1, suites.len());
        let started = Instant::now();
        let result = (suite.run)();
        let seconds = started.elapsed().as_secs();
        match strict(result) {
            Ok(Outcome::Passed) => {
                passed += 1;
                eprintln!("── {}: passed in {seconds} s", suite.name);
            }
            Ok(Outcome::Skipped(why) | Outcome::Left(why)) => {
                skipped += 1;
                eprintln!("── {}: skipped, {why}", suite.name);
            }
            Err(why) => {
                failed += 1;
                eprintln!("── {}: FAILED after {seconds} s, {why}", suite.name);
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} suites failed", suites.len())) }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Suite>, String> {
    if names.is_empty() {
        return Ok(SUITES.iter().filter(|suite| !suite.on_demand).collect());
    }
    let find = |name: &String| {
        let found = SUITES.iter().find(|suite| suite.name == name);
        found.ok_or_else(|| format!("no suite is called {name}; there are {ARGUMENTS}"))
    };
    names.iter().map(find).collect()
}

/// With `CI=true` nothing may be skipped.
fn strict(result: SuiteResult) -> SuiteResult {
    match result {
        Ok(Outcome::Skipped(why)) if std::env::var("CI").is_ok_and(|ci| ci == "true") => Err(why),
        other => other,
    }
}

fn rust() -> SuiteResult {
    succeed(cargo().args(["test", "--workspace", "--no-fail-fast", "--quiet"])).map(|()| Outcome::Passed)
}

fn cases() -> SuiteResult {
    succeed(cargo().args(["test", "--package", "testkit", "--test", "cases"])).map(|()| Outcome::Passed)
}

fn rust_sdk() -> SuiteResult {
    let stator = build_stator("debug")?;
    with_server(|url| {
        let manifest = root().join("tests/clients/rust/Cargo.toml");
        let mut tests = cargo();
        tests.args(["test", "--quiet", "--locked", "--manifest-path"]).arg(manifest);
        tests.arg("--target-dir").arg(target_dir().join("client-rust"));
        succeed(tests.env("STATOR_ENDPOINT", url).env("STATOR_BIN", &stator))
    })
}

/// A server over an empty folder, for as long as `tests` takes. That it still lives and leaves well is part of it.
fn with_server(tests: impl FnOnce(&str) -> Result<(), String>) -> SuiteResult {
    let binary = build_stator("debug")?;
    let data = Scratch::under(&target_dir(), "test-data")?;
    let server = Server::start(&binary, data.path())?;
    tests(&server.url)?;
    server.stop().map(|()| Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Result<Vec<&'static str>, String> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        chosen(&arguments).map(|suites| suites.iter().map(|suite| suite.name).collect())
    }

    #[test]
    fn suites_are_chosen_by_name() {
        assert_eq!(names(&[]), Ok(vec!["rust", "python", "js", "java", "rust-sdk", "go", "examples"]));
        assert_eq!(names(&["cases", "js"]), Ok(vec!["cases", "js"]));
        assert!(names(&["nonsense"]).is_err());
    }

    #[test]
    fn every_suite_is_in_the_help() {
        assert!(SUITES.iter().all(|suite| ARGUMENTS.contains(suite.name)));
    }
}
