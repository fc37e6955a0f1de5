//! Where changes go: lines of JSON for programs, or text for people. What comes at once is written at once.

use super::arguments::Arguments;
use super::end::End;
use super::key_filter::KeyFilter;
use super::paint::Paint;
use super::record::Record;
use super::shard::Shard;
use super::stream::Stream;
use super::text::Text;
use crate::client::Variables;
use serde_json::Value;
use std::io::Write;

/// Columns of what is no terminal.
const COLUMNS: usize = 120;

/// The output of the command.
pub(super) struct Output<'a> {
    out: &'a mut dyn Write,
    form: Form,
    filters: Vec<KeyFilter>,
    /// What is not written yet.
    added: String,
    /// Whether it is a terminal.
    is_terminal: bool,
}

enum Form {
    Json,
    Text(Text),
}

impl<'a> Output<'a> {
    pub(super) fn new(
        arguments: &Arguments,
        variables: &Variables<'_>,
        terminal: Option<usize>,
        out: &'a mut dyn Write,
    ) -> Self {
        let paint = Paint::new(arguments.color, terminal.is_some(), variables);
        let form = match arguments.json {
            true => Form::Json,
            false => Form::Text(Text::new(paint, terminal.unwrap_or(COLUMNS))),
        };
        Output {
            out,
            form,
            filters: arguments.key.clone(),
            added: String::new(),
            is_terminal: terminal.is_some(),
        }
    }

    /// The stream is found. A filter by what is no key is a mistake.
    pub(super) fn begin(&mut self, stream: &Stream, url: &str) -> Result<(), End> {
        let unknown = |filter: &&KeyFilter| !stream.key_names.contains(&filter.name);
        if let Some(filter) = self.filters.iter().find(unknown) {
            let (name, table, names) = (&filter.name, &stream.table, stream.key_names.join(", "));
            return Err(End::Failed(format!("{name} is no key attribute of {table}; --key takes {names}")));
        }
        if let Form::Text(text) = &mut self.form {
            text.key_names = stream.key_names.clone();
            if self.is_terminal {
                self.out.write_all(text.greeting(stream, url).as_bytes())?;
                self.out.flush()?;
            }
        }
        Ok(())
    }

    /// Takes a change of a shard, if it is wanted.
    pub(super) fn add(&mut self, shard: &Shard, change: &Value) {
        let record = Record::of(change);
        if shard.wants(record) && self.filters.iter().all(|filter| filter.matches(record.keys())) {
            match &mut self.form {
                Form::Json => self.added.push_str(&format!("{change}\n")),
                Form::Text(text) => text.add(&mut self.added, record),
            }
        }
    }

    /// Writes what was taken.
    pub(super) fn write(&mut self) -> Result<(), End> {
        if !self.added.is_empty() {
            self.out.write_all(self.added.as_bytes())?;
            self.out.flush()?;
            self.added.clear();
        }
        Ok(())
    }
}
