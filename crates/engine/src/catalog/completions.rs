//! The thread that completes changes of the catalog, whether or not their callers still wait.
//!
//! One thread for all of them, started with the engine, so that no change fails for want of a thread. It sleeps while
//! nothing is under way and ends with the engine.

use crate::error::EngineError;
use crate::jobs::EndProcessOnPanic;
use std::sync::mpsc;

type Completion = Box<dyn FnOnce() + Send>;

/// Where completions are handed in.
#[derive(Debug)]
pub(crate) struct Completions(mpsc::Sender<Completion>);

impl Completions {
    /// Starts the thread.
    pub(crate) fn start() -> Result<Completions, EngineError> {
        let (sender, receiver) = mpsc::channel::<Completion>();
        let run = move || {
            let _end = EndProcessOnPanic;
            receiver.into_iter().for_each(|complete| complete());
        };
        let thread = std::thread::Builder::new().name("catalog".to_owned()).spawn(run);
        thread.map(|_| Completions(sender)).map_err(EngineError::Thread)
    }

    /// Runs this behind all that were handed in before. It may block.
    pub(crate) fn run(&self, complete: impl FnOnce() + Send + 'static) {
        self.0.send(Box::new(complete)).expect("the thread receives as long as there is a sender");
    }
}
