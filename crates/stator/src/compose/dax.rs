//! The listener of DAX's clients, beside that of HTTP and over the same services.

use crate::config::Config;
use crate::failure::Failure;
use ::dax::{Dax, Limits, Listener};
use cloudwatch::CloudWatch;
use dax_control::Reached;
use engine::Scope;
use http_server::Tls;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::watch;

/// A listener that is bound and does not serve yet.
pub(crate) struct DaxListener {
    listener: Listener,
    address: SocketAddr,
    advertised: Option<SocketAddr>,
    tls: Option<Tls>,
}

impl DaxListener {
    /// Binds it, where the configuration has one.
    pub(crate) async fn bind(config: &Config, tls: Option<Tls>) -> Result<Option<Self>, Failure> {
        let Some(dax) = &config.dax else { return Ok(None) };
        let refused = |error| Failure::listening(dax.address, error);
        let listener = Listener::bind(dax.address).await.map_err(refused)?;
        let address = listener.local_address().map_err(refused)?;
        Ok(Some(DaxListener { listener, address, advertised: dax.advertised, tls }))
    }

    /// What clients are given to reach it.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "daxs" } else { "dax" };
        format!("{scheme}://{}", self.address)
    }

    /// What the control plane tells of it.
    pub(crate) fn reached(&self) -> Reached {
        let told = self.advertised.unwrap_or(self.address);
        let ip = self.advertised.map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
        Reached { ip, port: told.port(), is_tls: self.tls.is_some() }
    }

    /// Serves until `closing` says that the server ends.
    pub(crate) async fn serve(self, dax: Arc<Dax>, closing: watch::Receiver<bool>) {
        let certificates =
            self.tls.map(|tls| Arc::new(move || tls.acceptor()) as ::dax::listener::Certificates);
        self.listener.serve(dax, Limits::default(), certificates, closing).await;
    }
}

/// The figures of the caches as metrics of the namespace `AWS/DAX`, of each cluster alike: all of them are this node.
pub(crate) struct DaxMetrics {
    dax: Arc<Dax>,
    /// What the metrics have.
    seen: BTreeMap<(Scope, &'static str), u64>,
    evicted_bytes: u64,
}

impl DaxMetrics {
    /// Of a node.
    pub(crate) fn of(dax: Arc<Dax>) -> Self {
        DaxMetrics { dax, seen: BTreeMap::new(), evicted_bytes: 0 }
    }

    /// Adds what was counted since the last look, to the metrics of those whose it is.
    pub(crate) fn collect(&mut self, cloudwatch: &CloudWatch, now_micros: u64) {
        let usage = self.dax.usage();
        let evicted = usage.evicted_bytes - std::mem::replace(&mut self.evicted_bytes, usage.evicted_bytes);
        for (scope, counted) in usage.counted {
            let mut points = vec![
                ("EvictedSize", "Bytes", evicted as f64, 1.0),
                ("ClientConnections", "Count", usage.connections as f64, 1.0),
                ("CacheMemoryUtilization", "Percent", usage.memory_percent, 1.0),
            ];
            for (name, count) in counted {
                let before = self.seen.insert((scope.clone(), name), count).unwrap_or(0);
                points.push((name, "Count", (count - before) as f64, 1.0));
            }
            for name in self.dax.cluster_names(&scope) {
                let of_cluster = [("ClusterId".to_owned(), name)];
                let place = (&scope.account, &scope.region);
                cloudwatch.note_points(place, ("AWS/DAX", &of_cluster), &points, now_micros);
            }
        }
    }
}
