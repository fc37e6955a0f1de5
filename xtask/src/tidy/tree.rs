//! The files of the repository: those git tracks, and new ones it does not ignore.

use crate::root;
use std::collections::BTreeMap;
use std::process::Command;

/// Every text file by its path from the root.
pub(super) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Files that are not UTF-8 (fixtures of on-disk formats) are left out.
    pub(super) fn read() -> Result<Tree, String> {
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root())
            .output()
            .map_err(|error| format!("git: {error}"))?;
        let paths = String::from_utf8(output.stdout).map_err(|error| format!("git: {error}"))?;
        let text = |path: &str| std::fs::read_to_string(root().join(path)).ok();
        let files = paths.split_terminator('\0').filter_map(|path| Some((path.to_owned(), text(path)?)));
        Ok(Tree { files: files.collect() })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Tree {
        Tree { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    /// Path and text of every file.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Path and text of the files with this extension.
    pub(super) fn with_extension(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.rsplit_once('.').is_some_and(|(_, end)| end == extension))
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}
