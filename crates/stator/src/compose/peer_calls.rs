//! `POST /_stator/peers/CALL`: what servers that host other regions ask of this one. Who asks proves it with the key
//! that both share; without peers there is no such path.

use ::peers::{Answer, BODY_BYTES_MAX, HELLO, Head, Peers, Refusal};
use dynamodb::PeerHost;
use http_server::{Act, Page};
use parking_lot::Mutex;
use pipeline::Request;
use std::sync::Arc;
use stdx::Clock;

/// The same refusal is told to the log once in so long.
const TOLD_AGAIN_MICROS: u64 = 60_000_000;
/// What is read behind a head that is refused.
const STRANGE_BODY_BYTES_MAX: usize = 1 << 10;

/// Answers peers.
#[derive(Clone)]
pub(super) struct PeerCalls {
    pub(super) peers: Arc<Peers>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) host: PeerHost,
    /// What was refused last, and when that was told.
    pub(super) told: Arc<Mutex<Option<(Refusal, u64)>>>,
}

impl PeerCalls {
    /// A head that is none of a call gets no room.
    pub(super) fn body_bytes_max(&self, request: &Request) -> Option<usize> {
        let head = || Head::read(&request.method, &request.uri, &request.headers);
        self.is_call(request).then(|| head().map_or(STRANGE_BODY_BYTES_MAX, |_| BODY_BYTES_MAX))
    }

    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        if !self.is_call(request) {
            return None;
        }
        let head = Head::read(&request.method, &request.uri, &request.headers);
        let (calls, body) = (self.clone(), request.body.clone());
        Some(Box::pin(async move {
            match head {
                Ok(head) => page(calls.answer(head, body).await),
                Err(refusal) => {
                    calls.tell(&refusal);
                    page(Answer::unsigned(&refusal))
                }
            }
        }))
    }

    fn is_call(&self, request: &Request) -> bool {
        self.peers.are_there() && Head::is_at(&request.uri)
    }

    async fn answer(&self, head: Head, body: bytes::Bytes) -> Answer {
        let incoming = match self.peers.take(head, body) {
            Ok(incoming) => incoming,
            Err((refusal, answer)) => {
                self.tell(&refusal);
                return answer;
            }
        };
        match incoming.call.as_str() {
            HELLO => incoming.answer(200, self.peers.greeted(&incoming)),
            _ => self.host.serve(&incoming).await,
        }
    }

    fn tell(&self, refusal: &Refusal) {
        let now = self.clock.now_micros();
        let mut told = self.told.lock();
        let is_known = told
            .as_ref()
            .is_some_and(|(known, at)| known == refusal && now < at.saturating_add(TOLD_AGAIN_MICROS));
        if !is_known {
            tracing::warn!("a call of a server that would be a peer is refused: {refusal}");
            *told = Some((refusal.clone(), now));
        }
    }
}

fn page(Answer { status, body }: Answer) -> Page {
    Page::Document {
        status,
        content_type: "application/octet-stream",
        cache_control: None,
        body: body.into(),
    }
}

impl std::fmt::Debug for PeerCalls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeerCalls").field("peers", &self.peers).finish_non_exhaustive()
    }
}
