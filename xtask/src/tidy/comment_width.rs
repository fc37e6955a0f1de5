//! Comments fit beside other text: `cargo fmt` wraps code and leaves comments alone.

use super::tree::Tree;

const COLUMNS: usize = 120;

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        for (number, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            if line.trim_start().starts_with("//") && columns > COLUMNS {
                problems.push(format!("{path}:{}: {columns} columns", number + 1));
            }
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_code_does_not_count() {
        let (wide, fits) = (format!("// {}", "ä".repeat(118)), format!("// {}", "ä".repeat(117)));
        let code = "x".repeat(200);
        let tree = Tree::of(&[("a.rs", &format!("{fits}\n    {wide}\n{code}\n"))]);
        assert_eq!(problems(&tree).unwrap(), ["a.rs:2: 125 columns"]);
    }
}
