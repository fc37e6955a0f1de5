//! Runs the golden cases in this process on every store. `STATOR_CASES=item/put` runs those whose path
//! contains the text; `STATOR_URL=http://127.0.0.1:8000` runs them on the server there as well.

mod subscriptions;

use std::path::Path;
use std::time::Duration;
use store_postgres::test_server::TestServer;
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

/// What is run over PostgreSQL unless `STATOR_CASES` says otherwise: all (`cases/`) take minutes.
const OVER_POSTGRESQL: [&str; 3] = ["cases/item/", "cases/transact/", "cases/stream/"];

/// Two servers, so that what one keeps to itself shows.
#[test]
fn golden_cases_on_two_servers_over_postgresql() {
    let Some(server) = TestServer::shared() else { return };
    let objects = tempfile::tempdir().unwrap();
    let target = InProcess::start(Engines::Postgres {
        url: server.url(),
        schema: TestServer::new_schema(),
        servers: 2,
        folder: objects.path().to_owned(),
    });
    match filter() {
        all if all.is_empty() => OVER_POSTGRESQL.iter().for_each(|some| run_on(&target, some)),
        named => run_on(&target, &named),
    }
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
