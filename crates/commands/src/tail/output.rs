//! Where changes go: lines of JSON for programs, or text for people. A page is written as a whole.

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
    /// Whether a person looks at it as it comes.
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
        Output { out, form, filters: arguments.key.clone(), is_terminal: terminal.is_some() }
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

    /// Writes the changes that are wanted of a shard's.
    pub(super) fn records(&mut self, shard: &Shard, records: &[Value]) -> Result<(), End> {
        let mut written = String::new();
        for json in records {
            let record = Record::of(json);
            if shard.wants(record) && self.filters.iter().all(|filter| filter.matches(record.keys())) {
                match &mut self.form {
                    Form::Json => written.push_str(&format!("{json}\n")),
                    Form::Text(text) => text.add(&mut written, record),
                }
            }
        }
        if !written.is_empty() {
            self.out.write_all(written.as_bytes())?;
            self.out.flush()?;
        }
        Ok(())
    }
}
