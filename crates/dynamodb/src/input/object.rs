//! An object that is being read: one task downloads it, a thread takes it apart, and whoever has the reader gets
//! batches.

use super::Input;
use super::records::{self, Batch};
use super::source::{Source, SourceFailure};
use crate::transfer::Trouble;
use engine::Table;
use s3::Download;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

/// Batches that are read ahead of what is being put.
const BATCHES_AHEAD: usize = 4;

/// The batches of an object.
pub struct ObjectReader {
    batches: mpsc::Receiver<Batch>,
    failure: SourceFailure,
    thread: Option<JoinHandle<()>>,
    /// Ends when this does.
    _download: JoinSet<()>,
}

impl ObjectReader {
    /// Reads an object behind so many records, as items of a table.
    pub fn begin(download: Download, input: Input, table: &Arc<Table>, skipped: u64) -> ObjectReader {
        let (source, mut pump) = Source::of(download);
        let (hand_over, batches) = mpsc::channel(BATCHES_AHEAD);
        let (table, failure) = (Arc::clone(table), source.failure());
        let thread = tokio::task::spawn_blocking(move || {
            records::read(&input, &table, source, skipped, |batch| hand_over.blocking_send(batch).is_ok());
        });
        let mut download = JoinSet::new();
        download.spawn(async move { pump.pump().await });
        ObjectReader { batches, failure, thread: Some(thread), _download: download }
    }

    /// The next batch; `None` behind the last one.
    pub async fn next(&mut self) -> Result<Option<Batch>, Trouble> {
        let batch = self.batches.recv().await;
        if let Some(error) = self.failure.take() {
            return Err(error.into()); // what a batch says of the rest of the object is not true
        }
        if batch.is_none()
            && let Some(thread) = self.thread.take()
        {
            let failed = |error| Trouble::Failed(format!("an object was not read: {error}"));
            thread.await.map_err(failed)?;
        }
        Ok(batch)
    }
}
