//! Runs the golden cases in this process on every store. `STATOR_CASES=item/put` runs those whose path
//! contains the text; `STATOR_URL=http://127.0.0.1:8000` runs them on the server there as well.

mod subscriptions;

use std::path::Path;
use std::time::Duration;
use testkit::{Engines, HttpTarget, InProcess, Target, run_directory};

fn run(engines: Engines) {
    run_on(&InProcess::start(engines), &filter());
}

fn filter() -> String {
    std::env::var("STATOR_CASES").unwrap_or_default()
}

fn run_on(target: &dyn Target, filter: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let report = run_directory(&directory, filter, target);
    for failure in &report.failures {
        eprintln!("FAILED {}\n     {}", failure.place, failure.difference);
    }
    eprintln!("{} passed, {} failed, {} skipped", report.passed, report.failures.len(), report.skipped);
    assert!(report.failures.is_empty(), "{} cases failed", report.failures.len());
    assert!(report.passed > 0, "no case was run");
}

#[test]
fn golden_cases_on_the_memory_store() {
    run(Engines::Memory);
}

#[test]
fn golden_cases_on_a_store_that_answers_late_and_decides_twice() {
    run(Engines::Slow);
}

#[test]
fn golden_cases_on_two_servers_that_share_a_store() {
    run(Engines::Two);
}

#[test]
fn golden_cases_on_the_embedded_store() {
    let folder = tempfile::tempdir().unwrap();
    run(Engines::Embedded(folder.path().join("data")));
}

#[test]
fn golden_cases_on_a_server_with_a_url() {
    if let Ok(url) = std::env::var("STATOR_URL") {
        run_on(&HttpTarget::new(&url), &filter());
    }
}

/// The control-plane delay that the cases of `delay.case` are written for.
const DELAY: Duration = Duration::from_secs(10);

#[test]
fn golden_cases_of_changes_that_show_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    for engines in [Engines::Two, Engines::Embedded(folder.path().join("data"))] {
        run_on(&InProcess::start_delayed(engines, DELAY), "/delay.case");
    }
}

#[test]
fn golden_cases_of_limits_that_are_enforced() {
    let folder = tempfile::tempdir().unwrap();
    for engines in [Engines::Memory, Engines::Slow, Engines::Embedded(folder.path().join("data"))] {
        run_on(&InProcess::start_enforcing(engines), "/throttling.case");
    }
}
