//! Following: a pass over all shards that are being read, and again, and what comes between.

use super::arguments::Arguments;
use super::caller::{Caller, Failure};
use super::end::End;
use super::from::From;
use super::lineage::Lineage;
use super::merge;
use super::output::Output;
use super::shard::{Position, Shard};
use super::stream::{self, Stream};
use crate::client::{Api, CallError};
use serde_json::{Value, json};
use std::time::Duration;

/// Between two passes that found nothing. A shard may be read five times a second.
const PAUSE: Duration = Duration::from_millis(250);
/// Between two looks for a stream that comes after one that was disabled.
const LOOK: Duration = Duration::from_secs(2);
/// So many passes without a change are the end of what there is: a page may be empty with changes behind it.
const IDLE_PASSES: u32 = 3;

/// So many new iterators of a shard in a row may be refused.
const RENEWALS_MAX: u32 = 4;

/// Follows one table.
pub(super) struct Follower<'a> {
    caller: Caller<'a>,
    output: Output<'a>,
    stream: Stream,
    lineage: Lineage,
    reading: Vec<Shard>,
    start: Position,
    is_following: bool,
}

impl<'a> Follower<'a> {
    /// Finds the stream of the table and where to begin.
    pub(super) fn find(
        arguments: &Arguments,
        mut caller: Caller<'a>,
        mut output: Output<'a>,
    ) -> Result<Self, End> {
        let arn = stream::find(&mut caller, &arguments.table)?;
        let (stream, shards) = stream::describe(&mut caller, &arn).map_err(|failure| caller.end(failure))?;
        output.begin(&stream, &caller.client().place().url())?;
        let now = caller.client().now_micros();
        let start = match arguments.from {
            From::Now => Position::Latest,
            From::Trim => Position::Oldest,
            from => from.micros(now).map_or(Position::Oldest, Position::Since),
        };
        let mut lineage = Lineage::default();
        lineage.update(&shards);
        if start == Position::Latest {
            lineage.skip(shards.iter().filter(|shard| shard.is_closed));
        }
        let is_following = !arguments.no_follow;
        Ok(Follower { caller, output, stream, lineage, reading: Vec::new(), start, is_following })
    }

    /// Follows until the end, which is `Ok` once all is shown and nothing more is wanted.
    pub(super) fn run(&mut self) -> Result<(), End> {
        let mut idle = 0;
        self.begin_shards();
        if self.start == Position::Latest {
            self.start = Position::Oldest; // what a shard becomes later is read from its beginning
        }
        loop {
            let found = self.pass()?;
            idle = if found { 0 } else { idle + 1 };
            if self.reading.is_empty() && !found && !self.goes_on()? {
                return Ok(());
            }
            if !self.is_following && idle >= IDLE_PASSES {
                return Ok(());
            }
            if !found {
                self.caller.wait(PAUSE)?;
            }
        }
    }

    fn begin_shards(&mut self) -> bool {
        let ready = self.lineage.begin();
        let is_any = !ready.is_empty();
        self.reading.extend(ready.into_iter().map(|id| Shard::at(id, self.start.clone())));
        is_any
    }

    /// Reads a page of each shard that has nothing to show, and shows what is known to be the oldest. Whether there was
    /// a change, or shards to begin with.
    fn pass(&mut self) -> Result<bool, End> {
        for mut shard in std::mem::take(&mut self.reading) {
            if shard.changes.is_empty() && !shard.has_ended() {
                let page = self.page(&mut shard)?;
                shard.advance(&page, self.caller.client().now_micros());
            }
            self.reading.push(shard);
        }
        let found = self.show()?;
        let is_drained = |shard: &mut Shard| shard.has_ended() && shard.changes.is_empty();
        let drained: Vec<Shard> = self.reading.extract_if(.., is_drained).collect();
        drained.iter().for_each(|shard| self.lineage.drain(&shard.id));
        if !drained.is_empty() {
            self.list()?;
        }
        Ok(self.begin_shards() || found)
    }

    /// Shows changes by their times, up to where a shard has to be read on. Whether there was one.
    fn show(&mut self) -> Result<bool, End> {
        let mut found = false;
        while let Some(at) = merge::next(&self.reading) {
            let shard = &mut self.reading[at];
            let change = shard.changes.pop_front();
            change.iter().for_each(|change| self.output.add(shard, change));
            found = true;
        }
        self.output.write()?;
        Ok(found)
    }

    /// The next page of a shard, by a new iterator where the old one does not hold any more.
    fn page(&mut self, shard: &mut Shard) -> Result<Value, End> {
        let mut renewals = 0;
        loop {
            if shard.iterator.is_none() {
                shard.iterator = self.iterator(shard)?;
                renewals += 1;
            }
            let Some(iterator) = &shard.iterator else { return Ok(Value::Null) };
            let input = json!({"ShardIterator": iterator, "Limit": 1000});
            match self.caller.call(Api::Streams, "GetRecords", &input) {
                Ok(page) => return Ok(page),
                Err(Failure::Call(error)) if error.code() == "TrimmedDataAccessException" => {
                    self.skip_trimmed(shard)?;
                }
                // Iterators may be invalid after a restart of the server.
                Err(Failure::Call(error)) if renewals < RENEWALS_MAX && is_about_iterator(&error) => {
                    shard.iterator = None
                }
                Err(Failure::Call(error)) if is_gone(&error) => return Ok(Value::Null),
                Err(failure) => return Err(self.caller.end(failure)),
            }
        }
    }

    /// An iterator at the position of a shard's reader; none where the shard was removed.
    fn iterator(&mut self, shard: &mut Shard) -> Result<Option<String>, End> {
        loop {
            let input = shard.iterator_input(&self.stream.arn);
            let error = match self.caller.call(Api::Streams, "GetShardIterator", &input) {
                Ok(answer) => return Ok(answer["ShardIterator"].as_str().map(str::to_owned)),
                Err(Failure::Call(error)) => error,
                Err(failure) => return Err(self.caller.end(failure)),
            };
            match shard.position {
                _ if is_gone(&error) => return Ok(None),
                _ if error.code() == "TrimmedDataAccessException" => self.skip_trimmed(shard)?,
                Position::Since(micros) if is_invalid(&error) => shard.begin_before(micros),
                _ => return Err(self.caller.end(Failure::Call(error))),
            }
        }
    }

    fn skip_trimmed(&mut self, shard: &mut Shard) -> Result<(), End> {
        self.caller
            .say("changes of more than 24 hours ago are gone; going on with the oldest one that is kept");
        (shard.position, shard.iterator) = (Position::Oldest, None);
        self.caller.wait(PAUSE)
    }

    fn list(&mut self) -> Result<(), End> {
        match stream::describe(&mut self.caller, &self.stream.arn) {
            Ok((stream, shards)) => {
                self.stream = stream;
                self.lineage.update(&shards);
                Ok(())
            }
            Err(Failure::Call(error)) if is_gone(&error) => {
                self.stream.is_enabled = false;
                Ok(())
            }
            Err(failure) => Err(self.caller.end(failure)),
        }
    }

    /// Nothing is left to read: waits for the shard or the stream that comes next. False where nothing will come.
    fn goes_on(&mut self) -> Result<bool, End> {
        if self.stream.is_enabled {
            self.caller.wait(PAUSE)?;
            self.list()?;
            return Ok(true);
        }
        if !self.is_following {
            return Ok(false);
        }
        self.caller.say("the stream is disabled and all of its changes are shown; waiting for the next one");
        self.next_stream()
    }

    fn next_stream(&mut self) -> Result<bool, End> {
        let table = self.stream.table.clone();
        loop {
            match stream::latest(&mut self.caller, &table) {
                Ok(Some(arn)) if arn != self.stream.arn => {
                    self.caller.say("the stream was enabled again; following the new one");
                    self.stream.arn = arn;
                    self.lineage = Lineage::default();
                    self.list()?;
                    return Ok(true);
                }
                Ok(_) => self.caller.wait(LOOK)?,
                Err(Failure::Call(error)) if is_gone(&error) => {
                    self.caller.say(&format!("table {table} was deleted"));
                    return Ok(false);
                }
                Err(failure) => return Err(self.caller.end(failure)),
            }
        }
    }
}

fn is_gone(error: &CallError) -> bool {
    error.code() == "ResourceNotFoundException"
}

fn is_invalid(error: &CallError) -> bool {
    matches!(error.code(), "ValidationException" | "SerializationException")
}

fn is_about_iterator(error: &CallError) -> bool {
    error.code() == "ExpiredIteratorException" || is_invalid(error)
}
