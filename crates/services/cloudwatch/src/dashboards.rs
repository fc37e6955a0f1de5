//! Dashboards: documents that are stored as they were put, once their body is one.

mod body;

pub(crate) use body::{Problem, check};

use crate::metrics::Owner;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Store;
use store::documents::{Documents, Transaction};
use store::records::{RecordError, RecordKey, RecordScope};

const FORMAT: u32 = 1;
const SERVICE: &str = "cloudwatch";
const KIND: &str = "dashboard";

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dashboard {
    /// Its name.
    pub(crate) name: String,
    /// Its body, JSON.
    pub(crate) body: String,
    /// When it was put, in microseconds since the Unix epoch.
    pub(crate) modified_micros: u64,
}

/// The dashboards of a store.
#[derive(Debug)]
pub(crate) struct Dashboards(Documents);

impl Dashboards {
    pub(crate) fn of(store: Arc<dyn Store>) -> Self {
        Dashboards(Documents::of(store, FORMAT))
    }

    /// A dashboard, if there is one of this name.
    pub(crate) async fn get(&self, owner: Owner<'_>, name: &str) -> Result<Option<Dashboard>, RecordError> {
        self.0.get(&key(owner, name)).await
    }

    /// Dashboards in the order of their names, behind one, at most so many.
    pub(crate) async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Dashboard>, RecordError> {
        let Owner { account, region } = owner;
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let after = after.map(|name| key(owner, name));
        let found = self.0.list(scope, after.as_ref(), limit).await?;
        Ok(found.into_iter().map(|(_, dashboard)| dashboard).collect())
    }

    /// Makes a dashboard, or replaces it.
    pub(crate) async fn put(&self, owner: Owner<'_>, dashboard: &Dashboard) -> Result<(), RecordError> {
        let key = key(owner, &dashboard.name);
        let put = |documents: &mut Transaction<'_>| -> Result<(), ()> {
            documents.put(0, dashboard);
            Ok(())
        };
        self.0.transact(std::slice::from_ref(&key), put).await.map(|_| ())
    }

    /// Deletes dashboards, all of them or, if one is not there, none: then its name is the result.
    pub(crate) async fn delete(
        &self,
        owner: Owner<'_>,
        names: &[String],
    ) -> Result<Result<(), String>, RecordError> {
        let keys: Vec<_> = names.iter().map(|name| key(owner, name)).collect();
        let delete = |documents: &mut Transaction<'_>| {
            for (place, name) in names.iter().enumerate() {
                if !documents.is_there(place) {
                    return Err(name.clone());
                }
                documents.delete(place);
            }
            Ok(())
        };
        self.0.transact(&keys, delete).await
    }
}

/// The ARN of the dashboard of a name; dashboards belong to no region.
pub(crate) fn arn(owner: Owner<'_>, name: &str) -> String {
    format!("arn:aws:cloudwatch::{}:dashboard/{name}", owner.account)
}

fn key(owner: Owner<'_>, name: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, owner.account, owner.region, name)
}
