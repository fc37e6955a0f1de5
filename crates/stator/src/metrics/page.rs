//! The page: its access rule, and how often it is made.

use super::exposition::{CONTENT_TYPE, Exposition};
use super::{process, requests, server, store, tables};
use crate::config::MetricsConfig;
use engine::Engine;
use figures::Figures;
use http_server::{Act, Connections, Page};
use pipeline::Request;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use tokio::sync::Mutex;

const PATH: &str = "/metrics";

/// Readers within this time get the same page, so that many of them cost what one does.
const MADE_EVERY_MICROS: u64 = 1_000_000;

/// How long the page waits for sizes of tables: who reads it does not wait for long.
const STORE_MAX: Duration = Duration::from_secs(2);

/// What the page shows.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// What requests cost and how they ended.
    pub(crate) figures: Arc<Figures>,
    /// Tables, jobs, and the store below.
    pub(crate) engine: Engine,
    /// Open connections.
    pub(crate) connections: Connections,
}

/// The page of a server.
pub(crate) struct MetricsPage {
    readers: MetricsConfig,
    shared: Arc<Shared>,
}

struct Shared {
    sources: Sources,
    clock: Arc<dyn Clock>,
    /// The last page, and when it was made.
    made: Mutex<Option<(u64, Page)>>,
}

impl MetricsPage {
    pub(crate) fn new(readers: MetricsConfig, sources: Sources, clock: Arc<dyn Clock>) -> Self {
        MetricsPage { readers, shared: Arc::new(Shared { sources, clock, made: Mutex::default() }) }
    }

    /// The page, if the request is for it.
    pub(crate) fn act(&self, request: &Request) -> Option<Act> {
        let is_read = matches!(request.method.as_str(), "GET" | "HEAD");
        if request.uri.path() != PATH || !is_read || self.readers == MetricsConfig::Nobody {
            return None;
        }
        if !self.may_read(request) {
            return Some(Box::pin(std::future::ready(Page::text(401, WANTS_TOKEN))));
        }
        let shared = Arc::clone(&self.shared);
        Some(Box::pin(async move { shared.page().await }))
    }

    fn may_read(&self, request: &Request) -> bool {
        let MetricsConfig::Bearer(token) = &self.readers else { return true };
        let sent = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|value| value.strip_prefix("Bearer "));
        sent.is_some_and(|sent| is_same_secret(sent.as_bytes(), token.as_bytes()))
    }
}

const WANTS_TOKEN: &str = "send the token of [metrics] as Authorization: Bearer TOKEN\n";

/// Takes as long wherever the two differ.
fn is_same_secret(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differing) == 0
}

impl Shared {
    async fn page(&self) -> Page {
        let mut made = self.made.lock().await;
        let now = self.clock.now_micros();
        if let Some((at, page)) = &*made
            && now.saturating_sub(*at) < MADE_EVERY_MICROS
        {
            return page.clone();
        }
        match self.make().await {
            Ok(page) => made.insert((now, page)).1.clone(),
            Err(why) => Page::text(503, format!("{why}\n")),
        }
    }

    async fn make(&self) -> Result<Page, String> {
        let Sources { figures, engine, connections } = self.sources.clone();
        // A store that is away leaves the sizes of tables out; what the process knows is there.
        let sizes = tokio::time::timeout(STORE_MAX, tables::sizes(&engine)).await.map_or(None, Result::ok);
        let measures = engine.store().measures().await;
        let write = move || {
            let mut text = Exposition::default();
            server::write(&mut text, &engine, &connections);
            store::write(&mut text, &measures);
            process::write(&mut text);
            sizes.iter().for_each(|sizes| tables::write(&mut text, sizes));
            requests::write(&mut text, &figures.totals());
            Page::Document {
                status: 200,
                content_type: CONTENT_TYPE,
                cache_control: Some("no-store"),
                body: text.into_bytes().into(),
            }
        };
        tokio::task::spawn_blocking(write).await.map_err(|error| error.to_string())
    }
}

impl fmt::Debug for MetricsPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsPage").field("readers", &self.readers).finish_non_exhaustive()
    }
}
