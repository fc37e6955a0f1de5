//! Greetings: each server says to each of its peers now and then which regions it hosts, and hears which that one does.

use crate::incoming::same;
use crate::{CallError, Incoming, Known, Link, Peers};
use std::time::Duration;
use stdx::future::Boxed;

/// The call.
pub const HELLO: &str = "hello";

/// How long between two greetings of a peer that answers, and after failures: the first pause and the longest.
const PAUSE_UP: Duration = Duration::from_secs(10);
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

impl Peers {
    /// Greets all peers, again and again.
    pub fn run(self: std::sync::Arc<Self>) -> Boxed<'static, ()> {
        Box::pin(async move {
            let mut tasks = tokio::task::JoinSet::new();
            for at in 0..self.peers.len() {
                let peers = std::sync::Arc::clone(&self);
                tasks.spawn(async move { peers.greet_forever(&peers.peers[at]).await });
            }
            while tasks.join_next().await.is_some() {}
        })
    }

    async fn greet_forever(&self, known: &Known) {
        let mut failures = 0;
        loop {
            failures = if self.greet(known).await.is_ok() { 0 } else { failures + 1 };
            let pause = match failures {
                0 => PAUSE_UP,
                _ => PAUSE_MIN.saturating_mul(1 << (failures - 1).min(10)).min(PAUSE_MAX),
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Greets a peer once, and keeps what comes of it.
    pub(crate) async fn greet(&self, known: &Known) -> Result<(), CallError> {
        let greeted = match self.send(known, HELLO, Vec::new()).await {
            Ok(regions) => hosts_what_it_should(known, &String::from_utf8_lossy(&regions)),
            Err(error) => Err(error),
        };
        match &greeted {
            Ok(()) => self.note_up(known),
            Err(error) => self.note(known, error),
        }
        greeted
    }

    /// The answer to a greeting.
    pub fn greeted(&self, _: &Incoming) -> Vec<u8> {
        self.hosted.join(",").into_bytes()
    }

    /// Whether the last greeting of a region's peer was answered as it should.
    pub fn is_up(&self, region: &str) -> bool {
        self.link_of(region) == Some(Link::Up)
    }
}

fn hosts_what_it_should(known: &Known, regions: &str) -> Result<(), CallError> {
    let claimed: Vec<&str> = regions.split(',').collect();
    if same(&known.peer.regions, &claimed) {
        return Ok(());
    }
    let shown: String = regions.chars().filter(|char| !char.is_control()).take(400).collect();
    Err(CallError::Refused {
        code: "OtherRegions".to_owned(),
        sentence: format!("hosts {shown} instead of {}", known.peer.regions.join(",")),
    })
}
