//! The format of the tables. `who`, `identity`, `boundary`, `session`, `resource`, `trust` and `owner` lines say what
//! holds for the requests below them; a line of any other word is a request: `action resource key=value;value … |
//! decision`. A blank line forgets the policies, `#` begins a comment. A policy is a statement, or a list of them, or
//! a document.

use crate::world::{Question, World};

/// A table.
pub struct Table {
    rows: Vec<(usize, usize, Question, String)>,
    worlds: Vec<World>,
}

impl Table {
    /// Reads a table.
    pub fn parse(text: &str) -> Table {
        let mut table = Table { rows: Vec::new(), worlds: Vec::new() };
        let (mut world, mut is_changed) = (World::default(), true);
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "" => (world, is_changed) = (World::default(), true),
                comment if comment.starts_with('#') => {}
                "who" | "identity" | "boundary" | "session" | "resource" | "trust" | "owner" => {
                    world.set(word, rest.trim());
                    is_changed = true;
                }
                _ => {
                    if is_changed {
                        table.worlds.push(world.clone());
                        is_changed = false;
                    }
                    let (request, expected) = line.split_once('|').expect("a request has a decision");
                    let row = (number + 1, table.worlds.len() - 1, question(request), expected.trim().into());
                    table.rows.push(row);
                }
            }
        }
        table
    }

    /// Every request: its line, what holds for it, the request, the decision.
    pub fn requests(&self) -> impl Iterator<Item = (usize, &World, &Question, &String)> {
        self.rows
            .iter()
            .map(|(line, world, question, expected)| (*line, &self.worlds[*world], question, expected))
    }
}

fn question(text: &str) -> Question {
    let mut words = text.split_whitespace();
    let (action, resource) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let key = |word: &str| {
        let (key, values) = word.split_once('=').expect("a key has values");
        let values = values.split(';').filter(|value| *value != "[]");
        (key.to_ascii_lowercase(), values.map(str::to_owned).collect())
    };
    Question { action, resource, keys: words.map(key).collect() }
}
