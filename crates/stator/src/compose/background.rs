//! Background tasks of services: one each, which waits for an event or a time.

use std::future::Future;
use std::pin::Pin;
use tokio::task::JoinSet;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that are to be started, or run; they end when this is dropped.
#[derive(Default)]
pub(super) struct Background {
    waiting: Vec<Task>,
    running: JoinSet<()>,
}

impl Background {
    /// The same with another task.
    pub(super) fn with(mut self, task: impl Future<Output = ()> + Send + 'static) -> Self {
        self.waiting.push(Box::pin(task));
        self
    }

    /// Starts them in the runtime that this is called in.
    pub(super) fn start(&mut self) {
        self.waiting.drain(..).for_each(|task| drop(self.running.spawn(task)));
    }
}
