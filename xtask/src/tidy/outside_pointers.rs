//! The repository is self-contained: no text names a path of one machine or a document outside the repository.

use super::tree::Tree;

/// What only means something outside. Put together here, so that this file does not contain them.
fn pointers() -> [String; 5] {
    let folder = |name: &str| format!("/{name}/");
    [folder("work"), folder("root"), folder("home"), folder("shared"), format!("shared{}", "/spec")]
}

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let pointers = pointers();
    let mut problems = Vec::new();
    for (path, text) in tree.files() {
        for (number, line) in text.lines().enumerate() {
            let found = pointers.iter().filter(|pointer| line.contains(pointer.as_str()));
            problems.extend(found.map(|pointer| format!("{path}:{}: {pointer}", number + 1)));
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_found_with_its_line() {
        let outside = format!("see {}notes.md\n", pointers()[2]);
        let tree = Tree::of(&[("a.md", &format!("fine\n{outside}"))]);
        assert_eq!(problems(&tree).unwrap(), [format!("a.md:2: {}", pointers()[2])]);
    }
}
