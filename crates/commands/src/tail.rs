//! `stator tail TABLE`: follows the stream of a table and shows each change as it happens.
//!
//! Changes of one item come in their order: a shard is read once its parent is read to the end. Those of several shards
//! are merged by their times. The command outlives restarts of the server, throttling and iterators that have expired;
//! it ends on a signal, or when its output is closed.

mod arguments;
mod caller;
mod changes;
mod end;
mod follow;
mod from;
mod key_filter;
mod lineage;
mod merge;
mod output;
mod paint;
mod record;
mod shard;
mod stream;
mod text;
mod trouble;
mod value;

pub use arguments::Arguments;

use crate::Stop;
use crate::client::{Client, Place, Variables};
use caller::Caller;
use end::End;
use follow::Follower;
use output::Output;
use std::io::Write;
use std::sync::Arc;
use stdx::Clock;

/// The context of a run of the command.
pub struct Surroundings<'a> {
    /// The environment.
    pub variables: Variables<'a>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ends the command.
    pub stop: &'a Stop,
    /// Where changes go.
    pub out: &'a mut dyn Write,
    /// Whether that is a terminal, and how many columns it has.
    pub terminal: Option<usize>,
    /// Whether the output is closed.
    pub reader_is_gone: &'a dyn Fn() -> bool,
    /// Where everything else is said.
    pub notices: &'a mut dyn Write,
}

/// Follows the table until a signal ends it. The error is a sentence for the terminal, with the remedy.
pub fn run(arguments: &Arguments, surroundings: Surroundings<'_>) -> Result<(), String> {
    let Surroundings { variables, clock, stop, out, terminal, reader_is_gone, notices } = surroundings;
    let (place, signer) = Place::resolve(&arguments.server, &variables)?;
    let client = Client::new(place, signer, clock);
    let output = Output::new(arguments, &variables, terminal, out);
    let caller = Caller::new(&client, stop, reader_is_gone, notices);
    let followed = Follower::find(arguments, caller, output).and_then(|mut follower| follower.run());
    match followed {
        Err(End::Failed(sentence)) => Err(sentence),
        Ok(()) | Err(End::Stopped | End::ReaderGone) => Ok(()),
    }
}
