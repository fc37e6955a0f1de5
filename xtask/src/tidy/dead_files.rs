//! Every `.rs` file is compiled: it is the root of a target, or a module that a file above it declares.
//!
//! Declarations are looked for in the files that may hold them: `lib.rs`, `main.rs`, `mod.rs` and the folder's own
//! file, at each level up to the crate, because a module may be declared inside another's braces.

use super::tree::Tree;

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let dead = tree.with_extension("rs").filter(|(path, _)| !is_root(tree, path) && !is_declared(tree, path));
    Ok(dead.map(|(path, _)| format!("{path}:1: no crate has this module")).collect())
}

/// What cargo takes as a target by its place, or by a `path` of the manifest.
fn is_root(tree: &Tree, path: &str) -> bool {
    let Some((folder, file)) = path.rsplit_once('/') else { return false };
    let by_place = match folder.rsplit('/').next().unwrap_or_default() {
        "src" => matches!(file, "lib.rs" | "main.rs"),
        "tests" | "examples" | "benches" | "bin" => true,
        _ => file == "main.rs" || file == "build.rs",
    };
    by_place || named_by_manifest(tree, path)
}

fn named_by_manifest(tree: &Tree, path: &str) -> bool {
    tree.files().filter_map(|(manifest, text)| Some((manifest.strip_suffix("Cargo.toml")?, text))).any(
        |(folder, text)| {
            path.strip_prefix(folder).is_some_and(|path| text.contains(&format!("path = \"{path}\"")))
        },
    )
}

fn is_declared(tree: &Tree, path: &str) -> bool {
    let path = path.strip_suffix("/mod.rs").or(path.strip_suffix(".rs")).unwrap_or(path);
    let Some((mut folder, module)) = path.rsplit_once('/') else { return false };
    loop {
        if holders(tree, folder).any(|text| declares(text, module)) {
            return true;
        }
        match folder.rsplit_once('/') {
            Some((parent, _)) => folder = parent,
            None => return false,
        }
    }
}

/// The texts that may declare what lies in a folder; in `tests/` every file is the root of a target.
fn holders<'a>(tree: &'a Tree, folder: &str) -> impl Iterator<Item = &'a str> {
    let above = ["/lib.rs", "/main.rs", "/mod.rs", ".rs"].map(|end| tree.text(&format!("{folder}{end}")));
    let tests = folder.ends_with("/tests").then(|| format!("{folder}/"));
    let roots = tree.files().filter(move |(path, _)| {
        let file = tests.as_ref().and_then(|tests| path.strip_prefix(tests.as_str()));
        file.is_some_and(|file| !file.contains('/'))
    });
    above.into_iter().flatten().chain(roots.map(|(_, text)| text))
}

fn declares(text: &str, module: &str) -> bool {
    let (plain, public) = (format!("mod {module};"), format!(" mod {module};"));
    text.lines().any(|line| line.trim_start().starts_with(&plain) || line.contains(&public))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nothing_declares_is_found() {
        let tree = Tree::of(&[
            ("a/src/lib.rs", "pub(crate) mod read;\nmod ops {\n    mod get;\n}\n"),
            ("a/src/read.rs", "mod page;\n"),
            ("a/src/read/page.rs", ""),
            ("a/src/read/old_page.rs", ""),
            ("a/src/ops/get.rs", ""),
            ("a/tests/crash.rs", "mod disks;"),
            ("a/tests/disks/mod.rs", ""),
            ("f/Cargo.toml", "path = \"targets/x.rs\""),
            ("f/targets/x.rs", ""),
            ("f/targets/y.rs", ""),
        ]);
        let found = problems(&tree).unwrap();
        assert_eq!(
            found,
            [
                "a/src/read/old_page.rs:1: no crate has this module",
                "f/targets/y.rs:1: no crate has this module"
            ]
        );
    }
}
