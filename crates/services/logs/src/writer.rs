//! What functions print, on its way into the logs: handed over without waiting for the disk, written in batches by one
//! task. The way has room for few batches: a function that prints faster than the disk takes waits there.

use crate::group::Region;
use crate::logs::{Event, Logs};
use stdx::future::Boxed;
use tokio::sync::mpsc;

/// Batches on the way.
const BATCHES_MAX: usize = 256;
/// Batches that are written in one go, where they are of one stream.
const TAKEN_MAX: usize = 64;

/// Events of one stream.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where the group is.
    pub region: Region,
    /// The group, which is made where it is missing.
    pub group: String,
    /// The stream, likewise.
    pub stream: String,
    /// In the order of time.
    pub events: Vec<Event>,
}

/// Hands batches over.
#[derive(Debug, Clone)]
pub struct Writer {
    batches: mpsc::Sender<Batch>,
}

impl Writer {
    /// A writer, and the task that writes, which ends after the last writer.
    pub fn of(logs: Logs) -> (Self, Boxed<'static, ()>) {
        let (batches, taken) = mpsc::channel(BATCHES_MAX);
        (Writer { batches }, Box::pin(write(logs, taken)))
    }

    /// Hands a batch over; waits only where there is no room.
    pub async fn write(&self, batch: Batch) {
        if !batch.events.is_empty() {
            _ = self.batches.send(batch).await;
        }
    }
}

async fn write(logs: Logs, mut batches: mpsc::Receiver<Batch>) {
    let mut taken = Vec::new();
    while batches.recv_many(&mut taken, TAKEN_MAX).await > 0 {
        for Batch { region, group, stream, events } in joined(std::mem::take(&mut taken)) {
            if let Err(error) = logs.append(&region, &group, &stream, events).await {
                tracing::warn!(
                    code = error.code.name(),
                    group,
                    stream,
                    "what a function printed was not kept"
                );
            }
        }
    }
}

/// Batches of one stream that follow one another become one.
fn joined(batches: Vec<Batch>) -> Vec<Batch> {
    let mut joined: Vec<Batch> = Vec::new();
    for batch in batches {
        let same = |known: &&mut Batch| {
            (&known.region, &known.group, &known.stream) == (&batch.region, &batch.group, &batch.stream)
        };
        match joined.iter_mut().find(same) {
            Some(known) => known.events.extend(batch.events),
            None => joined.push(batch),
        }
    }
    joined
}
