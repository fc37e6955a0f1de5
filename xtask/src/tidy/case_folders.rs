//! Golden cases lie in a folder named after their operation, or after the part of the protocol they are about; every
//! built operation has some. The runner takes every `.case` file, so what is no such file is run by nobody.

use super::operations::{Row, rows};
use super::tree::Tree;
use std::collections::BTreeSet;

const CASES: &str = "tests/cases/";

/// Folders of cases about something other than one operation.
const TOPICS: &[&str] = &["wire"];

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let built: Vec<Row> = rows(tree).into_iter().filter(|row| row.is_built && row.is_of_database()).collect();
    let names: BTreeSet<String> = built.iter().map(Row::snake_name).collect();
    let (mut problems, mut covered) = (Vec::new(), BTreeSet::new());
    for (path, _) in tree.files().filter(|(path, _)| path.starts_with(CASES)) {
        let folder = path.rsplit('/').nth(1).unwrap_or_default();
        if !path.ends_with(".case") {
            problems.push(format!("{path}: not a case"));
        } else if !names.contains(folder) && !TOPICS.contains(&folder) {
            problems.push(format!("{path}: no built operation is called {folder}"));
        }
        covered.insert(folder.to_owned());
    }
    let bare = built.iter().filter(|row| !covered.contains(&row.snake_name()));
    problems.extend(bare.map(|row| format!("{}: {} has no cases", row.file, row.name)));
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_operations_agree() {
        let tree = Tree::of(&[
            ("crates/dynamodb/src/ops.rs", "entry::<_, GetItem>(),\nentry::<_, PutItem>(),\n"),
            ("tests/cases/item/get_item/basic.case", ""),
            ("tests/cases/item/get_item/notes.txt", ""),
            ("tests/cases/item/got_item/basic.case", ""),
            ("tests/cases/wire/types.case", ""),
        ]);
        assert_eq!(
            problems(&tree).unwrap(),
            [
                "tests/cases/item/get_item/notes.txt: not a case",
                "tests/cases/item/got_item/basic.case: no built operation is called got_item",
                "crates/dynamodb/src/ops.rs: PutItem has no cases"
            ]
        );
    }
}
