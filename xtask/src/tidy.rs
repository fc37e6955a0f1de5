//! `cargo xtask tidy`: the repository's statements about itself are true. Each check is a file; none builds anything.
//!
//! `cargo fmt` and `cargo clippy` judge the code; tidy judges what no compiler sees: documents against tables,
//! files against declarations, dependencies against `deny.toml`.

mod case_folders;
mod comment_width;
mod dead_files;
mod dependencies;
mod headers;
mod links;
mod operation_files;
mod operations;
mod outside_pointers;
mod readme_operations;
mod tree;

use tree::Tree;

/// A check: the property it asserts, and the function that lists violations.
struct Check {
    promise: &'static str,
    /// One line for each problem, beginning with the place.
    problems: fn(&Tree) -> Result<Vec<String>, String>,
}

const CHECKS: &[Check] = &[
    Check { promise: "every module opens with //!", problems: headers::problems },
    Check { promise: "every .rs file is part of a crate", problems: dead_files::problems },
    Check { promise: "comments are at most 120 columns wide", problems: comment_width::problems },
    Check { promise: "no text points out of the repository", problems: outside_pointers::problems },
    Check { promise: "every link between documents leads somewhere", problems: links::problems },
    Check { promise: "every built operation has its file", problems: operation_files::problems },
    Check { promise: "every operation has its cases, every case is run", problems: case_folders::problems },
    Check { promise: "README lists the operations as they are", problems: readme_operations::problems },
    Check { promise: "licences and duplicates are those of deny.toml", problems: dependencies::problems },
];

/// Runs every check and prints what each finds.
pub(crate) fn run(_arguments: &[String]) -> Result<(), String> {
    let tree = Tree::read()?;
    let mut count = 0;
    for Check { promise, problems } in CHECKS {
        let problems = problems(&tree)?;
        if !problems.is_empty() {
            eprintln!("not so: {promise}");
            problems.iter().for_each(|problem| eprintln!("  {problem}"));
        }
        count += problems.len();
    }
    match count {
        0 => Ok(()),
        _ => Err(format!("{count} problems")),
    }
}
