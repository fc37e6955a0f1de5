//! An object between the task that downloads it and the thread that takes it apart: a few pieces, and why there are no
//! more.

use model::ApiError;
use parking_lot::Mutex;
use s3::Download;
use std::io::{self, Read};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Pieces that are downloaded ahead.
const PIECES_AHEAD: usize = 4;

/// Why the object could not be read.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceFailure(Arc<Mutex<Option<ApiError>>>);

impl SourceFailure {
    pub(super) fn take(&self) -> Option<ApiError> {
        self.0.lock().take()
    }
}

/// The bytes of the object, for the thread.
pub(super) struct Source {
    pieces: mpsc::Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
    failure: SourceFailure,
}

/// What brings them.
pub(super) struct Pump {
    download: Download,
    pieces: Option<mpsc::Sender<Vec<u8>>>,
    failure: SourceFailure,
}

impl Source {
    pub(super) fn of(download: Download) -> (Source, Pump) {
        let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
        let failure = SourceFailure::default();
        let pump = Pump { download, pieces: Some(sender), failure: failure.clone() };
        (Source { pieces, piece: Vec::new(), at: 0, failure }, pump)
    }

    pub(super) fn failure(&self) -> SourceFailure {
        self.failure.clone()
    }
}

impl Pump {
    /// Brings all bytes, or as many as are wanted.
    pub(super) async fn pump(&mut self) {
        let Some(pieces) = self.pieces.take() else { return };
        loop {
            match self.download.next().await {
                Ok(Some(bytes)) => {
                    if pieces.send(bytes.to_vec()).await.is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => {
                    *self.failure.0.lock() = Some(error);
                    return;
                }
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            let Some(piece) = self.pieces.blocking_recv() else {
                let failed = self.failure.0.lock().is_some();
                return if failed { Err(io::Error::other("the object could not be read")) } else { Ok(0) };
            };
            (self.piece, self.at) = (piece, 0);
        }
        let bytes = out.len().min(self.piece.len() - self.at);
        out[..bytes].copy_from_slice(&self.piece[self.at..self.at + bytes]);
        self.at += bytes;
        Ok(bytes)
    }
}
