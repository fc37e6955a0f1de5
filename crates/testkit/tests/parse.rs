//! Every case file parses, so that a mistake in one is seen even where no server runs.
use std::path::Path;

#[test]
fn every_case_file_parses() {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases")];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "case") {
            let text = std::fs::read_to_string(&path).unwrap();
            testkit::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            seen += 1;
        }
    }
    assert!(seen > 5, "only {seen} case files found");
}
