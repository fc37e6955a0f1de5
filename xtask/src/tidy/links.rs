//! Links from one document to a file of the repository lead to a file or folder that is there.

use super::tree::Tree;
use crate::root;
use std::path::Path;

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for (path, text) in tree.with_extension("md") {
        let folder = root().join(path).parent().map(Path::to_path_buf).unwrap_or_default();
        let dead = targets(text).filter(|target| !folder.join(target).exists());
        problems.extend(dead.map(|target| format!("{path}: {target} is not there")));
    }
    Ok(problems)
}

/// The targets of links to files, without what follows a `#`.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.split('#').next().unwrap_or_default()).filter(|target| {
        !target.is_empty() && !target.contains("://") && !target.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_of_links() {
        let text = "[a](docs/a.md) and [b](https://example.com), [c](#here), [d](e.md#part), `f[0](x y)`";
        assert_eq!(targets(text).collect::<Vec<_>>(), ["docs/a.md", "e.md"]);
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        let tree = Tree::of(&[("docs/x.md", "[a](../README.md) [b](../NOWHERE.md)")]);
        assert_eq!(problems(&tree).unwrap(), ["docs/x.md: ../NOWHERE.md is not there"]);
    }
}
