//! A task for each thing that tables want done for as long as they want it: hand-over to a stream, replication to a
//! region.
//!
//! What is wanted is looked at again whenever a table changes or a task ends; one that ended while its work is still
//! wanted is started anew. A task that is wanted no longer finds that out by itself.

use engine::{Engine, Table};
use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;
use tokio::task::{Id, JoinSet};

/// Keeps a task for all that the tables of an engine want. Where tables cannot be read the log says that `what` of them
/// cannot be looked for, and they are read again after the pause.
pub async fn keep<W, F>(
    engine: &Engine,
    (what, pause): (&str, Duration),
    wanted: fn(&Table) -> Vec<W>,
    serve: impl Fn(W) -> F,
) where
    W: Clone + PartialEq,
    F: Future<Output = ()> + Send + 'static,
{
    let watch = engine.watch_tables();
    let mut tasks = JoinSet::new();
    let mut running: HashMap<Id, W> = HashMap::new();
    loop {
        let seen = watch.version();
        if let Err(error) = engine.refresh().await {
            tracing::warn!("{what} of tables cannot be looked for: {error}");
            tokio::time::sleep(pause).await;
            continue;
        }
        let all = engine.tables().into_iter().flat_map(|table| wanted(&table));
        let new: Vec<_> = all.filter(|one| !running.values().any(|known| known == one)).collect();
        for work in new {
            let task = tasks.spawn(serve(work.clone()));
            running.insert(task.id(), work);
        }
        tokio::select! {
            () = watch.changed(seen) => {}
            Some(ended) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                running.remove(&id);
            }
        }
    }
}
