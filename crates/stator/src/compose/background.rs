//! Background tasks of services: one each, which waits for an event or a time.

use std::future::Future;
use std::pin::Pin;
use tokio::sync::watch;
use tokio::task::JoinSet;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that are to be started, or run; they end when this is dropped.
pub(super) struct Background {
    waiting: Vec<Task>,
    running: JoinSet<()>,
    /// Those that end by themselves once the server stops.
    orderly: Vec<Task>,
    ending: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Background {
    /// No tasks.
    pub(super) fn new() -> Self {
        let (waiting, running) = (Vec::new(), JoinSet::new());
        let (orderly, ending, stop) = (Vec::new(), JoinSet::new(), watch::Sender::new(false));
        Background { waiting, running, orderly, ending, stop }
    }

    /// The same with another task.
    pub(super) fn with(mut self, task: impl Future<Output = ()> + Send + 'static) -> Self {
        self.waiting.push(Box::pin(task));
        self
    }

    /// The same with a task that ends in order: it is handed what resolves when it has to, and ends soon after.
    pub(super) fn with_orderly<F>(mut self, task: impl FnOnce(Task) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut stop = self.stop.subscribe();
        let stopped = Box::pin(async move { _ = stop.wait_for(|stop| *stop).await });
        self.orderly.push(Box::pin(task(stopped)));
        self
    }

    /// Starts them in the runtime that this is called in.
    pub(super) fn start(&mut self) {
        self.waiting.drain(..).for_each(|task| drop(self.running.spawn(task)));
        self.orderly.drain(..).for_each(|task| drop(self.ending.spawn(task)));
    }

    /// Tells the orderly ones to end, and waits until they have.
    pub(super) async fn stop(&mut self) {
        self.stop.send_replace(true);
        while self.ending.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::Background;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn orderly_tasks_end_by_themselves() {
        let has_ended = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&has_ended);
        let mut background =
            Background::new().with(std::future::pending()).with_orderly(|stopped| async move {
                stopped.await;
                tokio::task::yield_now().await;
                ends.store(true, Ordering::Release);
            });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            background.start();
            background.stop().await;
        });
        assert!(has_ended.load(Ordering::Acquire));
    }
}
