//! The rows of a service's table of operations (`ops.rs`). The table is Rust that needs the generated shapes before
//! it compiles, so it is read as text: `entry::<_, GetItem>()` is a built operation, `planned("UpdateTable")` is not.

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperationRow {
    pub(crate) name: String,
    /// Not `planned`.
    pub(crate) is_built: bool,
}

/// The built rows of a table, then the planned ones. Several may be on one line; comments are not read.
pub(crate) fn operation_rows(table: &str) -> Vec<OperationRow> {
    let row = |name: &str, is_built| OperationRow { name: name.trim().to_owned(), is_built };
    let code = || table.lines().filter(|line| !line.trim_start().starts_with("//"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_table() {
        let table = "use pipeline::entry;\n// planned(\"Not\")\n    entry::<_, GetItem>(), document_entry::<Query>(),\n    \
                     entry::<shapes::Scan>(), planned(\"A\"),\n [planned(\"UpdateTable\"), planned(\"B\")];\n";
        let rows = operation_rows(table);
        let seen: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.is_built)).collect();
        let (built, planned) = (["GetItem", "Query", "Scan"], ["A", "UpdateTable", "B"]);
        let expected: Vec<_> =
            built.map(|name| (name, true)).into_iter().chain(planned.map(|name| (name, false))).collect();
        assert_eq!(seen, expected);
    }
}
