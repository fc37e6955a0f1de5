//! The tables of operations as their sources state them: every `ops.rs` beside a folder `ops/`.

use super::tree::Tree;

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

    /// The name of the operation's file and of its folder of cases.
    pub(super) fn snake_name(&self) -> String {
        snake(&self.name)
    }
}

/// Every row of every table.
pub(super) fn rows(tree: &Tree) -> Vec<Row> {
    let tables = tree.files().filter(|(path, _)| path.starts_with("crates/") && path.ends_with("/ops.rs"));
    tables.flat_map(|(file, text)| rows_of(file, text)).collect()
}

/// Rows are `entry::<…, GetItem>()` and `planned("UpdateTable")`, several to a line or one.
fn rows_of(file: &str, text: &str) -> Vec<Row> {
    let row = |name: &str, is_built| Row { file: file.to_owned(), name: name.trim().to_owned(), is_built };
    let code = || text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let built = code().flat_map(|line| between(line, "entry::<", ">()"));
    let planned = code().flat_map(|line| between(line, "planned(\"", "\")"));
    built
        .map(|types| row(types.rsplit([',', ':']).next().unwrap_or(types), true))
        .chain(planned.map(|name| row(name, false)))
        .collect()
}

fn between<'a>(line: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(open).skip(1).filter_map(move |rest| rest.split_once(close)).map(|(inside, _)| inside)
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
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
    fn rows_are_read_from_the_source() {
        let text = "// planned(\"Not\")\n    entry::<_, GetItem>(), entry::<shapes::Scan>(),\n [planned(\"UpdateTable\"), planned(\"B\")];\n";
        let rows = rows(&Tree::of(&[("crates/dynamodb/src/ops.rs", text), ("xtask/src/ops.rs", text)]));
        let seen: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.is_built)).collect();
        assert_eq!(seen, [("GetItem", true), ("Scan", true), ("UpdateTable", false), ("B", false)]);
    }

    #[test]
    fn file_names_of_operations() {
        assert_eq!(snake("TransactWriteItems"), "transact_write_items");
        assert_eq!(snake("Query"), "query");
    }
}
