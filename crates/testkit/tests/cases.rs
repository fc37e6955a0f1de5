//! Runs the golden cases in this process on every store. `STATOR_CASES=item/put` runs those whose path
//! contains the text.

use std::path::Path;
use testkit::{Engines, InProcess, run_directory};

fn run(engines: Engines) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let filter = std::env::var("STATOR_CASES").unwrap_or_default();
    let report = run_directory(&directory, &filter, &InProcess::start(engines));
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
