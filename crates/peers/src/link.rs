//! How it stands with a peer, as far as this server knows by its own calls.

use crate::{CallError, Known, Peers};

/// How it stands with a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It was not greeted yet.
    Unknown,
    /// It knows this server, and is what it should be.
    Up,
    /// It did not answer the last call.
    Down(String),
    /// It or this server does not accept the other one; somebody has to change something.
    Refused(String),
}

impl Peers {
    /// Keeps what a call has shown, and tells the log of changes.
    pub(crate) fn note(&self, known: &Known, error: &CallError) {
        let sentence = error.to_string();
        let next = match error {
            CallError::Said { .. } | CallError::NoPeer => return,
            error if error.is_refused() => Link::Refused(sentence),
            _ => Link::Down(sentence),
        };
        let before = std::mem::replace(&mut *known.link.lock(), next.clone());
        if std::mem::discriminant(&before) != std::mem::discriminant(&next) {
            let (name, url) = (&known.peer.name, &known.peer.url);
            tracing::warn!("the peer {name:?} at {url} {error}");
        }
    }

    pub(crate) fn note_up(&self, known: &Known) {
        let before = std::mem::replace(&mut *known.link.lock(), Link::Up);
        if before != Link::Up {
            let regions = known.peer.regions.join(", ");
            tracing::info!("the peer {:?} at {} is there, with {regions}", known.peer.name, known.peer.url);
        }
    }
}
