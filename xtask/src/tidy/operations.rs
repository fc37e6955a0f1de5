//! The tables of operations as their sources state them: every `ops.rs` beside a folder `ops/`.

use super::tree::Tree;
use crate::operation_rows::{OperationRow, operation_rows};

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The table it is in.
    pub(super) file: String,
    pub(super) name: String,
    /// Not `planned`.
    pub(super) is_built: bool,
}

impl Row {
    /// Whether it is an operation of the database, not of a service beside it.
    pub(super) fn is_of_database(&self) -> bool {
        self.file.starts_with("crates/dynamodb/")
    }

    /// The service beside the database that it is of, by the folder of its crate.
    pub(super) fn service(&self) -> Option<&str> {
        self.file.strip_prefix("crates/services/")?.split('/').next()
    }

    /// The name of the operation's file and of its folder of cases.
    pub(super) fn snake_name(&self) -> String {
        snake(&self.name)
    }
}

/// Every row of every table.
pub(super) fn rows(tree: &Tree) -> Vec<Row> {
    let tables = tree.files().filter(|(path, _)| path.starts_with("crates/") && path.ends_with("/ops.rs"));
    tables.flat_map(|(file, table)| rows_of(file, table)).collect()
}

fn rows_of(file: &str, table: &str) -> impl Iterator<Item = Row> {
    let row = |OperationRow { name, is_built }| Row { file: file.to_owned(), name, is_built };
    operation_rows(table).into_iter().map(row)
}

fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| letters[place]);
        let ends_word = letters.get(place + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && before.is_some_and(|before| before.is_lowercase() || ends_word) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_those_of_crates() {
        let row = "entry::<_, GetItem>(),\n";
        let rows = rows(&Tree::of(&[("crates/dynamodb/src/ops.rs", row), ("xtask/src/ops.rs", row)]));
        let seen: Vec<_> =
            rows.iter().map(|row| (row.file.as_str(), row.name.as_str(), row.is_built)).collect();
        assert_eq!(seen, [("crates/dynamodb/src/ops.rs", "GetItem", true)]);
    }

    #[test]
    fn file_names_of_operations() {
        assert_eq!(snake("TransactWriteItems"), "transact_write_items");
        assert_eq!(snake("Query"), "query");
        assert_eq!(snake("ListSSHPublicKeys"), "list_ssh_public_keys");
    }
}
