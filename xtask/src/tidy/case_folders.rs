//! Golden cases lie in a folder named after their operation, or after the part of the protocol they are about, inside a
//! folder of their group: for a service beside the database, its name. Every built operation has some.
//! The runner takes every `.case` file and no other.

use super::operations::{Row, rows};
use super::tree::Tree;
use std::collections::BTreeSet;

const CASES: &str = "tests/cases/";

/// Folders of cases about something other than one operation.
const TOPICS: &[&str] = &["wire"];

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let built: Vec<Row> = rows(tree).into_iter().filter(|row| row.is_built).collect();
    let places: BTreeSet<Place> = built.iter().map(place_of).collect();
    let services: BTreeSet<&str> = built.iter().filter_map(Row::service).collect();
    let (mut problems, mut covered) = (Vec::new(), BTreeSet::new());
    for (path, _) in tree.files().filter(|(path, _)| path.starts_with(CASES)) {
        let mut folders = path[CASES.len()..].rsplit('/').skip(1);
        let (folder, group) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
        let place = (services.get(group).map(|service| (*service).to_owned()), folder.to_owned());
        if !path.ends_with(".case") {
            problems.push(format!("{path}: not a case"));
        } else if !places.contains(&place) && !TOPICS.contains(&folder) {
            problems.push(format!("{path}: no built operation is called {folder}"));
        }
        covered.insert(place);
    }
    let bare = built.iter().filter(|row| !covered.contains(&place_of(row)));
    problems.extend(bare.map(|row| format!("{}: {} has no cases", row.file, row.name)));
    Ok(problems)
}

/// The service, if any, and the folder of an operation.
type Place = (Option<String>, String);

fn place_of(row: &Row) -> Place {
    (row.service().map(str::to_owned), row.snake_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_operations_agree() {
        let tree = Tree::of(&[
            ("crates/dynamodb/src/ops.rs", "entry::<_, GetItem>(),\nentry::<_, PutItem>(),\n"),
            (
                "crates/services/kv/src/ops.rs",
                "document_entry::<_, TagIt>(),\ndocument_entry::<_, BareOne>(),\n",
            ),
            ("tests/cases/kv/tag_it/basic.case", ""),
            ("tests/cases/kv/get_item/basic.case", ""),
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
                "tests/cases/kv/get_item/basic.case: no built operation is called get_item",
                "crates/dynamodb/src/ops.rs: PutItem has no cases",
                "crates/services/kv/src/ops.rs: BareOne has no cases"
            ]
        );
    }
}
