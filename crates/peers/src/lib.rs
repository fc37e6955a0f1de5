//! Servers that host other regions.
//!
//! A server names the regions it hosts and its [`Peer`]s: where each is, which regions it hosts, and the key that both
//! share. A call of a peer is a POST to [`PATH`] that the caller signs with that key, and whose answer the other side
//! signs with it, bound to the call ([`sealed`]); so each knows that the other one holds the key, and nobody between
//! them can change, redirect or make up anything. It is not secret on the way without TLS.
//!
//! Each side says in every call which version of the protocol it speaks and which regions it hosts, and the other one
//! compares that with what it was told ([`Refusal`]). What goes on with a peer is known by greetings ([`Link`]).
//!
//! What is called, and what it means, is decided above: a call is a name and bytes. Several servers on one store are
//! one peer, since any of them may be asked.

mod call;
mod fault;
mod greeting;
mod incoming;
mod link;
mod peer;
pub mod sealed;

pub use call::CallError;
pub use fault::Refusal;
pub use greeting::HELLO;
pub use incoming::{Answer, Head, Incoming};
pub use link::Link;
pub use peer::{KEY_BYTES_MIN, PEERS_MAX, Peer, REGIONS_MAX};

use parking_lot::Mutex;
use std::sync::Arc;
use stdx::{Clock, SystemClock};
use ureq::Agent;

/// The version of the protocol: what is signed, and all calls. Whatever changes one of their forms, or what one means,
/// changes this: servers of different versions refuse each other before they read a call.
pub const VERSION: u32 = 4;
/// The path below which calls are, with the name of the call behind it.
pub const PATH: &str = "/_stator/peers/";
/// The longest body of a call, and of an answer.
pub const BODY_BYTES_MAX: usize = 16 << 20;
/// How far the clocks of two servers may be apart, and how long a call may be on its way, in microseconds.
pub const SKEW_MICROS_MAX: u64 = 60_000_000;

/// The peers of a server.
pub struct Peers {
    hosted: Vec<Arc<str>>,
    peers: Vec<Known>,
    clock: Arc<dyn Clock>,
}

/// A peer, and how it stands with it.
struct Known {
    peer: Peer,
    agent: Agent,
    link: Mutex<Link>,
    /// Calls under way, so that a peer that answers slowly takes few threads.
    calls: tokio::sync::Semaphore,
}

/// Calls of one peer at a time.
const CALLS_MAX: usize = 8;

impl Peers {
    /// The peers of a server that hosts some regions. [`Peer::check_all`] says whether they fit together.
    pub fn new(hosted: Vec<Arc<str>>, peers: Vec<Peer>, clock: Arc<dyn Clock>) -> Peers {
        let known = |peer: Peer| Known {
            agent: call::agent(&peer),
            peer,
            link: Mutex::new(Link::Unknown),
            calls: tokio::sync::Semaphore::new(CALLS_MAX),
        };
        Peers { hosted, peers: peers.into_iter().map(known).collect(), clock }
    }

    /// Whether there are any.
    pub fn are_there(&self) -> bool {
        !self.peers.is_empty()
    }

    /// The regions this server hosts; none are named where there are no peers: then it hosts all.
    pub fn hosted(&self) -> &[Arc<str>] {
        &self.hosted
    }

    /// The regions of the peers.
    pub fn regions(&self) -> impl Iterator<Item = &Arc<str>> {
        self.peers.iter().flat_map(|known| &known.peer.regions)
    }

    /// Whether this server hosts a region.
    pub fn host(&self, region: &str) -> bool {
        self.peers.is_empty() || self.hosted.iter().any(|hosted| **hosted == *region)
    }

    /// The peer that hosts a region.
    pub fn of(&self, region: &str) -> Option<&Peer> {
        self.known_of(region).map(|known| &known.peer)
    }

    /// How it stands with the peer that hosts a region.
    pub fn link_of(&self, region: &str) -> Option<Link> {
        self.known_of(region).map(|known| known.link.lock().clone())
    }

    fn known_of(&self, region: &str) -> Option<&Known> {
        self.peers.iter().find(|known| known.peer.regions.iter().any(|hosted| **hosted == *region))
    }
}

/// None: the server hosts all regions.
impl Default for Peers {
    fn default() -> Self {
        Peers::new(Vec::new(), Vec::new(), Arc::new(SystemClock))
    }
}

impl std::fmt::Debug for Peers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let peers: Vec<_> = self.peers.iter().map(|known| &known.peer).collect();
        f.debug_struct("Peers").field("hosted", &self.hosted).field("peers", &peers).finish_non_exhaustive()
    }
}
