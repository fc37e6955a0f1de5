//! Decisions as data: each line of `tables/` is a request and what must be decided, written from AWS's documented
//! rules; the policies above it are what is asked. The naive evaluator, which shares no code with the crate, must
//! agree with each line, and with the crate on random policies and requests.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its data fails")]

mod naive;
mod random;
mod table;
mod world;

use std::fs;
use std::path::Path;
use table::Table;

fn tables() -> Vec<(String, Table)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions/tables");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, Table::parse(&fs::read_to_string(path).unwrap()))
    };
    paths.iter().map(|path| read(path)).collect()
}

#[test]
fn decisions_are_those_of_the_tables() {
    let (mut decided, mut wrong) = (0, Vec::new());
    for (name, table) in tables() {
        for (number, world, request, expected) in table.requests() {
            decided += 1;
            let answers = [world.decide(request), naive::decide(world, request)];
            if answers.iter().any(|answer| answer != expected) {
                wrong.push(format!(
                    "{name}:{number}: {expected}; crate: {}; naive: {}",
                    answers[0], answers[1]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {decided}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(decided >= 2_000, "only {decided}");
}

#[test]
fn both_evaluators_agree_on_random_policies() {
    random::compare(12_000);
}
