//! Environment variables and files, as a value: tests hand in their own.

use std::path::PathBuf;

/// Where variables and files come from.
#[derive(Clone, Copy)]
pub struct Variables<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    file: &'a dyn Fn(&PathBuf) -> Option<String>,
}

impl<'a> Variables<'a> {
    /// Variables and files by these functions.
    pub fn new(
        variable: &'a dyn Fn(&str) -> Option<String>,
        file: &'a dyn Fn(&PathBuf) -> Option<String>,
    ) -> Self {
        Variables { variable, file }
    }

    /// Those of the process.
    pub fn of_the_process() -> Variables<'static> {
        let variable = &|name: &str| std::env::var(name).ok();
        Variables { variable, file: &|path: &PathBuf| std::fs::read_to_string(path).ok() }
    }

    /// A variable; one that is empty counts as absent.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The first of several variables that is there.
    pub fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The text of a file; none if it cannot be read.
    pub fn read(&self, path: &PathBuf) -> Option<String> {
        (self.file)(path)
    }
}

impl std::fmt::Debug for Variables<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Variables")
    }
}
