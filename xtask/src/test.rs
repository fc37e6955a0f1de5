//! `cargo xtask test`: every test there is, suite by suite, with a count at the end.
//!
//! What this machine lacks (Python, Node, Java) is skipped and reported; with `CI=true` it is a failure, so that CI
//! skips nothing but Go.

mod go;
mod java;
mod lanes;
mod log;
mod newest_postgresql;
mod node;
pub(crate) mod python;
mod rust;

use crate::cargo::{build_stator, cargo, target_dir};
use crate::root;
use crate::server::{Scratch, Server};
use lanes::Job;
use log::Log;
use std::path::{Path, PathBuf};

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
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// A client's tests of a server: one job.
    Client(fn(&Run<'_>) -> SuiteResult),
    /// Programs that cargo builds from what it is told by these arguments: each is a job.
    Cargo(&'static [&'static str]),
}

/// What a client's tests run with.
struct Run<'a> {
    /// The suite's name.
    suite: &'static str,
    /// The server's program.
    stator: &'a Path,
    log: &'a Log,
}

/// Those outside the Rust suite come first, since the longest are among them.
const SUITES: &[Suite] = &[
    Suite { name: "python", on_demand: false, kind: Kind::Client(python::clients) },
    Suite { name: "java", on_demand: false, kind: Kind::Client(java::clients) },
    Suite { name: "examples", on_demand: false, kind: Kind::Client(python::examples) },
    Suite { name: "js", on_demand: false, kind: Kind::Client(node::clients) },
    Suite { name: "rust-sdk", on_demand: false, kind: Kind::Client(rust_sdk) },
    Suite { name: "go", on_demand: false, kind: Kind::Client(go::clients) },
    Suite { name: "rust", on_demand: false, kind: Kind::Cargo(&["--workspace"]) },
    Suite { name: "cases", on_demand: true, kind: Kind::Cargo(&["--package", "testkit", "--test", "cases"]) },
];

/// What `cargo xtask test` accepts after it.
pub(crate) const ARGUMENTS: &str = "[rust|cases|python|js|java|rust-sdk|go|examples]...";

/// Runs the named suites, or all. What cannot be built fails at once.
pub(crate) fn run(names: &[String]) -> Result<(), String> {
    let suites = chosen(names)?;
    let mut built = rust::Built::default();
    for suite in &suites {
        if let Kind::Cargo(selection) = suite.kind {
            built.build(selection)?;
        }
    }
    let clients = suites.iter().filter_map(|suite| match suite.kind {
        Kind::Client(run) => Some((suite.name, run)),
        Kind::Cargo(_) => None,
    });
    let clients: Vec<_> = clients.collect();
    let mut jobs = Vec::new();
    if !clients.is_empty() {
        // The server that the Rust suite was built with, since other features of dependencies would build it once more.
        let stator = built.stator.take().map_or_else(|| build_stator("debug"), Ok)?;
        jobs.extend(clients.into_iter().map(|(name, run)| client(name, run, stator.clone())));
    }
    jobs.extend(built.jobs());
    lanes::run(jobs).close()
}

fn client(suite: &'static str, run: fn(&Run<'_>) -> SuiteResult, stator: PathBuf) -> Job {
    Job { name: suite.to_owned(), work: Box::new(move |log| run(&Run { suite, stator: &stator, log })) }
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

fn rust_sdk(run: &Run<'_>) -> SuiteResult {
    with_server(run, |url| {
        let manifest = root().join("tests/clients/rust/Cargo.toml");
        let mut tests = cargo();
        tests.args(["test", "--quiet", "--locked", "--manifest-path"]).arg(manifest);
        tests.arg("--target-dir").arg(target_dir().join("client-rust"));
        run.log.succeed(tests.env("STATOR_ENDPOINT", url).env("STATOR_BIN", run.stator))
    })
}

/// A server over an empty folder, for as long as `tests` takes. That it still lives and leaves well is part of it.
fn with_server(run: &Run<'_>, tests: impl FnOnce(&str) -> Result<(), String>) -> SuiteResult {
    let data = Scratch::under(&target_dir(), &format!("test-data-{}", run.suite))?;
    let server = Server::start(run.stator, data.path())?;
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
        assert_eq!(names(&[]), Ok(vec!["python", "java", "examples", "js", "rust-sdk", "go", "rust"]));
        assert_eq!(names(&["cases", "js"]), Ok(vec!["cases", "js"]));
        assert!(names(&["nonsense"]).is_err());
    }

    #[test]
    fn every_suite_is_in_the_help() {
        assert!(SUITES.iter().all(|suite| ARGUMENTS.contains(suite.name)));
    }
}
