//! Which operations are built, read from a service's table of operations: a row `entry::<_, PutItem>()` is a built
//! one. The table is Rust that needs the shapes before it compiles, so it is read as text.

use std::path::Path;

const ROW: &str = "entry::<";

/// The names in the built rows of a table.
pub(super) fn operations(table: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(table).map_err(|e| format!("{}: {e}", table.display()))?;
    Ok(rows(&text))
}

fn rows(text: &str) -> Vec<String> {
    let rows = text.split(ROW).skip(1).filter_map(|row| row.split_once('>'));
    rows.map(|(types, _)| types.rsplit([',', ' ']).next().unwrap_or_default().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_of_a_table() {
        let table = "use pipeline::entry;\nentry::<_, PutItem>(),\nplanned(\"GetItem\"), entry::<Query>()";
        assert_eq!(super::rows(table), ["PutItem", "Query"]);
    }
}
