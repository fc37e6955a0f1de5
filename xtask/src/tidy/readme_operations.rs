//! README's tables of operations: each of the database once, in the column that its row in the operation tables says,
//! and the number of them all in the sentence above; of the services beside it those that are built, a name that
//! several of them have as often.

use super::operations::{Row, rows};
use super::tree::Tree;
use std::collections::BTreeSet;

const HEAD: &str = "| Area | Built | Planned |";
const SERVICES_HEAD: &str = "| Service | Protocols | Built |";

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let readme = tree.text("README.md").ok_or("README.md is missing")?;
    let table = table(readme, HEAD)?;
    let (built, planned) = (words(table, 2), words(table, 3));
    let beside = words(self::table(readme, SERVICES_HEAD)?, 3);
    let (rows, services): (Vec<Row>, Vec<Row>) = rows(tree).into_iter().partition(Row::is_of_database);
    let mut problems: Vec<String> = rows.iter().filter_map(|row| misplaced(row, &built, &planned)).collect();
    problems.extend(miscounted(&services, &beside));
    if !readme.contains(&format!("\n{} operations ", rows.len())) {
        problems.push(format!("README.md: there are {} operations", rows.len()));
    }
    Ok(problems)
}

/// The table below a head.
fn table<'a>(readme: &'a str, head: &str) -> Result<&'a str, String> {
    let below = readme.split_once(head).ok_or(format!("README.md has no table {head}"))?.1;
    Ok(below.split_once("\n\n").map_or(below, |(table, _)| table))
}

/// The words in a column of the table.
fn words(table: &str, column: usize) -> Vec<&str> {
    let cells = table.lines().filter_map(|line| line.split('|').nth(column));
    cells.flat_map(|cell| cell.split(|letter: char| !letter.is_alphanumeric())).collect()
}

fn misplaced(row: &Row, built: &[&str], planned: &[&str]) -> Option<String> {
    let count = |words: &[&str]| words.iter().filter(|word| **word == row.name).count();
    let (right, wrong, column) = match row.is_built {
        true => (count(built), count(planned), "built"),
        false => (count(planned), count(built), "planned"),
    };
    let name = &row.name;
    (right != 1 || wrong != 0).then(|| format!("README.md: {name} belongs once to the {column} operations"))
}

fn miscounted(services: &[Row], listed: &[&str]) -> Vec<String> {
    let built = || services.iter().filter(|row| row.is_built).map(|row| row.name.as_str());
    let names: BTreeSet<&str> = built().collect();
    let wrong = names.into_iter().filter_map(|name| {
        let count = built().filter(|other| *other == name).count();
        let listed = listed.iter().filter(|word| **word == name).count();
        (listed != count)
            .then(|| format!("README.md: {name} belongs to the services {count} times, is {listed} times"))
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &str) -> Vec<String> {
        let readme = format!(
            "2 operations are known.\n\n{HEAD}\n|---|---|---|\n{table}\n\n\
                 {SERVICES_HEAD}\n|---|---|---|\n| STS | query | GetCallerIdentity |\n\nMore about Scan.\n"
        );
        let readme = format!("# Title\n{readme}");
        let ops = "entry::<_, Scan>(),\nplanned(\"UpdateTable\"),\n";
        let service = "document_entry::<_, GetCallerIdentity>(),\n";
        let tables = [("crates/dynamodb/src/ops.rs", ops), ("crates/services/sts/src/ops.rs", service)];
        problems(&Tree::of(&[("README.md", &readme), tables[0], tables[1]])).unwrap()
    }

    #[test]
    fn a_name_of_several_services_is_there_as_often() {
        let row = |file: &str| Row { file: file.to_owned(), name: "TagResource".to_owned(), is_built: true };
        let rows = [row("a/ops.rs"), row("b/ops.rs")];
        assert!(miscounted(&rows, &["TagResource", "TagResource"]).is_empty());
        assert_eq!(
            miscounted(&rows, &["TagResource"]),
            ["README.md: TagResource belongs to the services 2 times, is 1 times"]
        );
    }

    #[test]
    fn each_operation_has_its_column() {
        assert!(check("| Reading | Scan (also parallel) | UpdateTable |").is_empty());
        assert_eq!(
            check("| Reading | | UpdateTable, Scan |"),
            ["README.md: Scan belongs once to the built operations"]
        );
        assert_eq!(
            check("| A | Scan, UpdateTable | UpdateTable |"),
            ["README.md: UpdateTable belongs once to the planned operations"]
        );
    }
}
