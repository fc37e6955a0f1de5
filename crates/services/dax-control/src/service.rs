//! The service: what its operations run on.

use crate::cluster::{self, Cluster, Place};
use crate::errors;
use crate::event::{self, Event, Of};
use crate::parameter_group::{self, ParameterGroup};
use model::dax::Endpoint;
use model::{ApiError, Code};
use pipeline::{Cx, Protocol, Service};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store::documents::{Documents, Transaction};
use store::records::{RecordKey, RecordScope};

pub(crate) const SERVICE: &str = "dax";
pub(crate) const FORMAT: u32 = 1;
/// No limit.
pub(crate) const ALL: usize = 1_000_000;

/// DAX's control plane on one store.
#[derive(Debug)]
pub struct DaxControl {
    documents: Documents,
    reached: Option<Reached>,
    delay_micros: u64,
}

/// Where DAX's clients reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The address; `None` for the host by which a request has come.
    pub ip: Option<IpAddr>,
    /// The port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub is_tls: bool,
}

impl Reached {
    /// The endpoint, for a client that has come to the host of this name.
    pub(crate) fn endpoint(&self, host: &str, has_url: bool) -> Endpoint {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        // Some clients of DAX ask DNS alone, which knows no such name.
        let name = if matches!(name, "" | "localhost") { "127.0.0.1" } else { name };
        let address = self.ip.map_or_else(|| name.to_owned(), |ip| ip.to_string());
        let scheme = if self.is_tls { "daxs" } else { "dax" };
        let shown = if address.contains(':') && !address.starts_with('[') {
            format!("[{address}]")
        } else {
            address.clone()
        };
        let url = has_url.then(|| format!("{scheme}://{shown}:{}", self.port));
        Endpoint { address: Some(address), port: Some(i64::from(self.port)), url }
    }
}

/// Seconds with milliseconds.
pub(crate) fn seconds(micros: u64) -> Option<f64> {
    Some((micros / 1_000) as f64 / 1_000.0)
}

impl DaxControl {
    /// The service on a store, of a server whose listener of DAX's clients is reached so; `None` where it has none.
    pub fn new(store: Arc<dyn Store>, reached: Option<Reached>) -> Self {
        DaxControl { documents: Documents::of(store, FORMAT), reached, delay_micros: 0 }
    }

    /// The same with changes that show for so long.
    pub fn with_control_plane_delay(self, delay: Duration) -> Self {
        DaxControl { delay_micros: delay.as_micros() as u64, ..self }
    }

    /// Until when a change shows that is made now.
    pub(crate) fn shows_until(&self, now_micros: u64) -> u64 {
        now_micros.saturating_add(self.delay_micros)
    }

    /// Where clients reach the server.
    ///
    /// # Errors
    /// Where they are not served.
    pub(crate) fn reached(&self) -> Result<&Reached, ApiError> {
        self.reached.as_ref().ok_or_else(errors::not_served)
    }

    /// A cluster that is there.
    pub(crate) async fn cluster(&self, cx: &Cx<'_, Self>, name: &str) -> Result<Cluster, ApiError> {
        let found: Option<Cluster> = self.read(&cluster_key(cx, name)).await?;
        let found = found.filter(|cluster| cluster.status(cx.now_micros).is_some());
        found.ok_or_else(|| errors::no_cluster(name))
    }

    /// All clusters of the caller's account and region that are there, by name.
    pub(crate) async fn clusters(&self, cx: &Cx<'_, Self>) -> Result<Vec<Cluster>, ApiError> {
        let mut all: Vec<Cluster> = self.all(cx, cluster::KIND).await?;
        all.retain(|cluster| cluster.status(cx.now_micros).is_some());
        Ok(all)
    }

    /// Changes a cluster that is available, and tells of it.
    pub(crate) async fn change_cluster(
        &self,
        cx: &Cx<'_, Self>,
        name: &str,
        message: &str,
        mut change: impl FnMut(&mut Cluster) -> Result<(), ApiError> + Send,
    ) -> Result<Cluster, ApiError> {
        let change = |old: Option<Cluster>| {
            let cluster = changed(cx, old, name, &mut change)?;
            Ok((Some(cluster.clone()), cluster))
        };
        let cluster = self.change(&cluster_key(cx, name), change).await?;
        self.tell(cx, Of::Cluster, name, message).await?;
        Ok(cluster)
    }

    /// The same for a change that has the cluster name a parameter group, which must be there then. Whoever deletes the
    /// group sees that.
    pub(crate) async fn change_cluster_to_group(
        &self,
        cx: &Cx<'_, Self>,
        name: &str,
        group: &str,
        message: &str,
        mut change: impl FnMut(&mut Cluster) -> Result<(), ApiError> + Send,
    ) -> Result<Cluster, ApiError> {
        let keys =
            [cluster_key(cx, name), parameter_group::key(&cx.caller.account, &cx.caller.region, group)];
        let change = |documents: &mut Transaction<'_>, _: &[Cluster]| {
            parameter_group::check(group, documents.is_there(1))?;
            let cluster = changed(cx, documents.get(0), name, &mut change)?;
            documents.put(0, &cluster);
            Ok(cluster)
        };
        let cluster = self.change_over(cx, cluster::KIND, &keys, change).await?;
        self.tell(cx, Of::Cluster, name, message).await?;
        Ok(cluster)
    }

    /// Changes the tags of a cluster.
    pub(crate) async fn change_tags(
        &self,
        cx: &Cx<'_, Self>,
        name: &str,
        mut change: impl FnMut(&mut Cluster) -> Result<(), ApiError> + Send,
    ) -> Result<Cluster, ApiError> {
        let change = |old: Option<Cluster>| {
            let known = old.filter(|cluster| cluster.status(cx.now_micros).is_some());
            let mut cluster = known.ok_or_else(|| errors::no_cluster(name))?;
            change(&mut cluster)?;
            Ok((Some(cluster.clone()), cluster))
        };
        self.change(&cluster_key(cx, name), change).await
    }

    /// The parameter group of this name.
    pub(crate) async fn parameter_group(
        &self,
        cx: &Cx<'_, Self>,
        name: &str,
    ) -> Result<ParameterGroup, ApiError> {
        if name == parameter_group::DEFAULT {
            return Ok(ParameterGroup::default_group());
        }
        let key = parameter_group::key(&cx.caller.account, &cx.caller.region, name);
        self.read(&key).await?.ok_or_else(|| errors::no_parameter_group(name))
    }

    async fn read<T: DeserializeOwned>(&self, key: &RecordKey) -> Result<Option<T>, ApiError> {
        self.documents.get(key).await.map_err(errors::record)
    }

    /// The documents of a kind of the caller's account and region.
    pub(crate) async fn all<T: DeserializeOwned + Send>(
        &self,
        cx: &Cx<'_, Self>,
        kind: &str,
    ) -> Result<Vec<T>, ApiError> {
        let (account, region) = (&*cx.caller.account, &*cx.caller.region);
        let scope = RecordScope::Region { service: SERVICE, kind, account, region };
        let all = self.documents.list(scope, None, ALL).await.map_err(errors::record)?;
        Ok(all.into_iter().map(|(_, document)| document).collect())
    }

    /// Changes a document of any kind: `change` makes the new one, or refuses.
    pub(crate) async fn change<T: Serialize + DeserializeOwned, R: Send>(
        &self,
        key: &RecordKey,
        change: impl FnMut(Option<T>) -> Result<(Option<T>, R), ApiError> + Send,
    ) -> Result<R, ApiError> {
        self.documents.change(key, change).await.map_err(errors::record)?
    }

    /// Changes documents by all that there are of a kind in the caller's account and region: whether there is room for
    /// one more, or one that names another. No server decides by them meanwhile.
    pub(crate) async fn change_over<T: DeserializeOwned + Send + Sync, R: Send>(
        &self,
        cx: &Cx<'_, Self>,
        kind: &str,
        keys: &[RecordKey],
        decide: impl FnMut(&mut Transaction<'_>, &[T]) -> Result<R, ApiError> + Send,
    ) -> Result<R, ApiError> {
        let (account, region) = (&*cx.caller.account, &*cx.caller.region);
        let scope = RecordScope::Region { service: SERVICE, kind, account, region };
        self.documents.transact_over(scope, keys, decide).await.map_err(errors::record)?
    }

    /// Notes an event, and forgets those that are too old or too many.
    pub(crate) async fn tell(
        &self,
        cx: &Cx<'_, Self>,
        of: Of,
        source: &str,
        message: &str,
    ) -> Result<(), ApiError> {
        let (account, region) = (&*cx.caller.account, &*cx.caller.region);
        let event =
            Event { source: source.to_owned(), of, message: message.to_owned(), at_micros: cx.now_micros };
        let known: Vec<Event> = self.all(cx, event::KIND).await?;
        let surplus = (known.len() + 1).saturating_sub(event::EVENTS_MAX);
        let oldest = cx.now_micros.saturating_sub(event::KEPT_MICROS);
        let old = known.iter().enumerate().filter(|(at, known)| *at < surplus || known.at_micros < oldest);
        let own = event.key(account, region);
        let mut keys = vec![own.clone()];
        keys.extend(old.map(|(_, known)| known.key(account, region)).filter(|key| *key != own));
        let replace = |documents: &mut Transaction<'_>| -> Result<(), ApiError> {
            documents.put(0, &event);
            (1..keys.len()).for_each(|index| documents.delete(index));
            Ok(())
        };
        self.documents.transact(&keys, replace).await.map_err(errors::record)?
    }
}

fn cluster_key(cx: &Cx<'_, DaxControl>, name: &str) -> RecordKey {
    cluster::key(&cx.caller.account, &cx.caller.region, name)
}

/// A cluster that is available, changed.
fn changed(
    cx: &Cx<'_, DaxControl>,
    old: Option<Cluster>,
    name: &str,
    change: &mut (dyn FnMut(&mut Cluster) -> Result<(), ApiError> + Send),
) -> Result<Cluster, ApiError> {
    let mut cluster = old.ok_or_else(|| errors::no_cluster(name))?;
    cluster.check_available(cx.now_micros)?;
    change(&mut cluster)?;
    Ok(cluster)
}

impl<'a> Place<'a> {
    /// Where and when the caller looks.
    ///
    /// # Errors
    /// Where DAX's clients are not served.
    pub(crate) fn of(cx: &'a Cx<'_, DaxControl>) -> Result<Self, ApiError> {
        Ok(Place {
            account: &cx.caller.account,
            region: &cx.caller.region,
            now_micros: cx.now_micros,
            host: cx.host.name(),
            reached: cx.service.reached()?,
        })
    }
}

impl Service for DaxControl {
    const TARGET_PREFIX: &'static str = model::dax::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "dax";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson11];
    const INTERNAL_ERROR: Code = errors::INTERNAL_FAILURE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_where_the_client_has_come_to() {
        let reached = |ip: Option<&str>, is_tls| Reached {
            ip: ip.map(|ip| ip.parse().expect("an address")),
            port: 8111,
            is_tls,
        };
        for (ip, is_tls, host, url) in [
            (None, false, "127.0.0.1:8000", "dax://127.0.0.1:8111"),
            (None, false, "localhost:8000", "dax://127.0.0.1:8111"),
            (None, true, "db.example", "daxs://db.example:8111"),
            (None, false, "[::1]:8000", "dax://[::1]:8111"),
            (Some("10.0.0.7"), false, "db.example", "dax://10.0.0.7:8111"),
            (Some("::1"), false, "", "dax://[::1]:8111"),
        ] {
            let endpoint = reached(ip, is_tls).endpoint(host, true);
            assert_eq!(endpoint.url.as_deref(), Some(url), "{host}");
        }
    }
}
