//! Every module describes itself in its first line. Generated files and the tests of one module, which lie beside it,
//! have its header.

use super::tree::Tree;

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let modules = tree.with_extension("rs").filter(|(path, _)| !is_exempt(path));
    let bare = modules.filter(|(_, text)| !text.starts_with("//!"));
    Ok(bare.map(|(path, _)| format!("{path}:1: no header")).collect())
}

fn is_exempt(path: &str) -> bool {
    path.contains("/generated/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_without_a_header_is_found() {
        let tree = Tree::of(&[
            ("a/src/lib.rs", "//! What it is.\n"),
            ("a/src/bare.rs", "use std::io;\n"),
            ("a/src/bare/tests.rs", "use super::*;\n"),
            ("a/src/generated/x.rs", "// generated\n"),
        ]);
        assert_eq!(problems(&tree).unwrap(), ["a/src/bare.rs:1: no header"]);
    }
}
