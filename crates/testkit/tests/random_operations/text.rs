//! How structured expressions become text: names and values are replaced by aliases, the maps of both are
//! kept for the request.

use crate::path::{Path, Step};
use crate::random::Random;
use crate::value::Value;
use serde_json::{Map, Value as Json, json};

/// Collects the aliases of one request.
pub struct Text<'a> {
    random: &'a mut Random,
    names: Map<String, Json>,
    values: Map<String, Json>,
}

impl<'a> Text<'a> {
    /// No alias yet.
    pub fn new(random: &'a mut Random) -> Self {
        Text { random, names: Map::new(), values: Map::new() }
    }

    /// A name, bare or by an alias.
    pub fn name(&mut self, name: &str) -> String {
        let bare = name.len() == 1;
        if bare && self.random.chance(60) {
            return name.to_owned();
        }
        let alias = format!("#n{}", self.names.len());
        let known = self.names.iter().find(|(_, known)| *known == name).map(|(alias, _)| alias.clone());
        known.unwrap_or_else(|| {
            self.names.insert(alias.clone(), json!(name));
            alias
        })
    }

    /// A path.
    pub fn path(&mut self, path: &Path) -> String {
        let mut out = String::new();
        for step in path {
            match step {
                Step::Name(name) if out.is_empty() => out.push_str(&self.name(name)),
                Step::Name(name) => out.push_str(&format!(".{}", self.name(name))),
                Step::Index(index) => out.push_str(&format!("[{index}]")),
            }
        }
        out
    }

    /// Paths with commas between.
    pub fn paths(&mut self, paths: &[Path]) -> String {
        paths.iter().map(|path| self.path(path)).collect::<Vec<_>>().join(", ")
    }

    /// A literal.
    pub fn value(&mut self, value: &Value) -> String {
        let alias = format!(":v{}", self.values.len());
        self.values.insert(alias.clone(), value.to_json());
        alias
    }

    /// Puts the aliases into the request.
    pub fn finish(self, body: &mut Map<String, Json>) {
        if !self.names.is_empty() {
            body.insert("ExpressionAttributeNames".into(), self.names.into());
        }
        if !self.values.is_empty() {
            body.insert("ExpressionAttributeValues".into(), self.values.into());
        }
    }
}
