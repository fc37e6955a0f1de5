//! `stator logs FUNCTION`: what a function has printed, and what it prints from now on.
//!
//! Shows the events of the function's log group in the order of time, whichever process printed them. Following
//! outlives restarts of the server; it ends on a signal, or when its output is closed.

mod arguments;

pub use arguments::Arguments;

use crate::Stop;
use crate::client::{Api, CallError, Client, Place, Variables};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;

/// The interval between two requests for new events.
const EVERY: Duration = Duration::from_millis(500);
/// Events may arrive later than others that happened after them: so far back is looked again.
const OVERLAP_MILLIS: u64 = 5_000;

/// What a run of the command stands in.
pub struct Surroundings<'a> {
    /// The environment.
    pub variables: Variables<'a>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ends the command.
    pub stop: &'a Stop,
    /// Where events go.
    pub out: &'a mut dyn Write,
}

/// Shows a function's log. The error is a sentence for the terminal, with the remedy.
pub fn run(arguments: &Arguments, surroundings: Surroundings<'_>) -> Result<(), String> {
    let Surroundings { variables, clock, stop, out } = surroundings;
    let (place, signer) = Place::resolve(&arguments.server, &variables)?;
    let client = Client::new(place, signer, clock);
    let from = client.now_micros() / 1_000;
    let from = arguments.since.map_or(0, |since| from.saturating_sub(since.as_millis() as u64));
    let mut reader = Reader {
        client: &client,
        group: arguments.group(),
        filter: arguments.filter.as_deref(),
        from,
        seen: HashSet::new(),
    };
    loop {
        match reader.show(out) {
            Ok(()) => {}
            Err(Trouble::ReaderGone) => return Ok(()),
            Err(Trouble::Failed(sentence)) => return Err(sentence),
            Err(Trouble::Passing(_)) if arguments.follow => {}
            Err(Trouble::Passing(sentence)) => return Err(sentence),
        }
        if !arguments.follow || stop.within(EVERY) {
            return Ok(());
        }
    }
}

enum Trouble {
    /// It may work a moment later.
    Passing(String),
    Failed(String),
    ReaderGone,
}

/// Reads a group from a time on.
struct Reader<'a> {
    client: &'a Client,
    group: String,
    filter: Option<&'a str>,
    from: u64,
    /// The events since then that were shown.
    seen: HashSet<String>,
}

impl Reader<'_> {
    /// Shows every event that was not shown before.
    fn show(&mut self, out: &mut dyn Write) -> Result<(), Trouble> {
        let (mut token, mut newest, mut shown) = (Value::Null, self.from, HashSet::new());
        loop {
            let answer = self.page(&token)?;
            for event in answer["events"].as_array().into_iter().flatten() {
                let id = event["eventId"].as_str().unwrap_or_default().to_owned();
                newest = newest.max(event["timestamp"].as_u64().unwrap_or_default());
                if !self.seen.contains(&id) {
                    write(out, event["message"].as_str().unwrap_or_default())
                        .map_err(|_| Trouble::ReaderGone)?;
                }
                shown.insert(id);
            }
            token = answer["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        out.flush().map_err(|_| Trouble::ReaderGone)?;
        self.from = newest.saturating_sub(OVERLAP_MILLIS).max(self.from);
        self.seen = shown;
        Ok(())
    }

    fn page(&self, token: &Value) -> Result<Value, Trouble> {
        let mut input = json!({ "logGroupName": self.group, "startTime": self.from });
        if !token.is_null() {
            input["nextToken"] = token.clone();
        }
        if let Some(filter) = self.filter {
            input["filterPattern"] = filter.into();
        }
        self.client.call(Api::Logs, "FilterLogEvents", &input).map_err(|error| self.trouble(&error))
    }

    fn trouble(&self, error: &CallError) -> Trouble {
        let url = self.client.place().url();
        match error {
            CallError::Refused { code, .. } if code == "ResourceNotFoundException" => {
                Trouble::Passing(format!(
                    "there is no log group {} at {url}: a function has one once it was called",
                    self.group
                ))
            }
            error if error.is_passing() => Trouble::Passing(error.sentence(&url)),
            error => Trouble::Failed(error.sentence(&url)),
        }
    }
}

fn write(out: &mut dyn Write, message: &str) -> io::Result<()> {
    out.write_all(message.as_bytes())?;
    if message.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") }
}
