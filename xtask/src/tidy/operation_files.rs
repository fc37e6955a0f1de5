//! A built operation is a file of its own name, so that one search finds code, cases and documents; a planned one
//! has none.

use super::operations::{Row, rows};
use super::tree::Tree;

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let wrong = |row: &Row| has_file(tree, row) != row.is_built;
    let problem = |row: Row| {
        let what = if row.is_built { "has no file" } else { "is planned and has a file" };
        format!("{}: {} {what} {}.rs", row.file, row.name, row.snake_name())
    };
    Ok(rows(tree).into_iter().filter(wrong).map(problem).collect())
}

fn has_file(tree: &Tree, row: &Row) -> bool {
    let (folder, file) = (row.file.trim_end_matches(".rs"), format!("/{}.rs", row.snake_name()));
    tree.files().any(|(path, _)| path.starts_with(folder) && path.ends_with(&file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_without_its_file_is_found() {
        let ops = "entry::<_, GetItem>(),\nentry::<_, PutItem>(),\nplanned(\"Scan\"),\n";
        let tree = Tree::of(&[
            ("crates/d/src/ops.rs", ops),
            ("crates/d/src/ops/item/get_item.rs", ""),
            ("crates/d/src/ops/scan.rs", ""),
        ]);
        assert_eq!(
            problems(&tree).unwrap(),
            [
                "crates/d/src/ops.rs: PutItem has no file put_item.rs",
                "crates/d/src/ops.rs: Scan is planned and has a file scan.rs"
            ]
        );
    }
}
