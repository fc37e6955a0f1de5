//! Background tasks of services: one each, which waits for an event or a time.

use std::future::Future;
use std::pin::Pin;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that are to be started.
#[derive(Default)]
pub(super) struct Background(Vec<Task>);

impl Background {
    /// The same with another task.
    pub(super) fn with(mut self, task: impl Future<Output = ()> + Send + 'static) -> Self {
        self.0.push(Box::pin(task));
        self
    }

    /// Starts them in the runtime that this is called in.
    pub(super) fn start(self) {
        self.0.into_iter().for_each(|task| drop(tokio::spawn(task)));
    }
}
