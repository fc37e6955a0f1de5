//! One request of a known caller, and what every method needs of the server.

use crate::Dax;
use crate::audit::Tables;
use crate::cache::{CacheKey, CachedAnswer, Counts, Kind, Ttl};
use crate::cluster;
use crate::errors::{ReasonItems, Refused};
use crate::lazy_id::LazyId;
use crate::ops::Kept;
use crate::session::Known;
use dynamodb::DynamoDb;
use dynamodb::checks::table_ref::TableRef;
use engine::Table;
use figures::Tally;
use identity::Caller;
use model::ApiError;
use parking_lot::Mutex;
use pipeline::access::Need;
use pipeline::{Cx, Host, Operation, Service as _};
use std::sync::Arc;

/// A request.
pub(crate) struct Call<'a> {
    pub(crate) dax: &'a Dax,
    pub(crate) known: &'a Known,
    pub(crate) request_id: &'a LazyId<'a>,
    pub(crate) now_micros: u64,
    /// Whether the client's Select of all attributes says nothing.
    pub(crate) ignores_select_all: bool,
    /// Where the tables that it names are collected for the audit log; `None` where it does not ask.
    pub(crate) tables: Option<Tables>,
    /// The items of the reasons of a transaction that is refused.
    pub(crate) reason_items: Mutex<ReasonItems>,
}

impl Call<'_> {
    /// Where what the caller does is counted.
    pub(crate) fn counts(&self) -> &Counts {
        &self.known.counts
    }

    /// Refuses a caller who may ask none of the clusters for this (`dax:GetItem`). Clients connect to the listener,
    /// which all of them share.
    pub(crate) fn allow(&self, action: &'static str) -> Result<(), ApiError> {
        if self.known.is_root {
            return Ok(());
        }
        let caller = &self.known.caller;
        let tally = self.dax.figures.begin(self.now_micros);
        let cx = self.cx_of(caller, &tally);
        let demand = |name: &str| pipeline::demand(&cx, &Need::new(action, cluster::arn(caller, name)));
        let denied = demand(cluster::NAME);
        if denied.is_err() && self.known.clusters.names.iter().any(|name| demand(name).is_ok()) {
            return Ok(());
        }
        denied
    }

    /// How long an item that is read now may be given again.
    pub(crate) fn item_ttl(&self) -> Ttl {
        self.dax.cache.ttls().0.or(self.known.clusters.record_ttl_millis)
    }

    /// The same of a page.
    pub(crate) fn query_ttl(&self) -> Ttl {
        self.dax.cache.ttls().1.or(self.known.clusters.query_ttl_millis)
    }

    fn cx<'t>(&'t self, tally: &'t Tally<'t>) -> Cx<'t, DynamoDb> {
        self.cx_of(&self.known.cluster, tally)
    }

    fn cx_of<'t>(&'t self, caller: &'t Caller, tally: &'t Tally<'t>) -> Cx<'t, DynamoDb> {
        Cx {
            service: &*self.dax.dynamodb,
            caller,
            now_micros: self.now_micros,
            request_id: self.request_id.get(),
            host: Host::Named(""),
            random: &self.dax.random,
            tally,
        }
    }

    /// Performs an operation of DynamoDB.
    pub(crate) async fn perform<O: Operation<DynamoDb>>(
        &self,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        let tally = self.dax.figures.begin(self.now_micros);
        pipeline::perform::<DynamoDb, O>(&self.cx(&tally), input).await
    }

    /// The answer in a cache, unless the key that the table is encrypted under cannot be used: then nobody reads it.
    pub(crate) fn cached(&self, kind: Kind, table: &Table, key: CacheKey<'_>) -> Option<CachedAnswer> {
        let found = self.dax.cache.find((kind, self.counts()), table, key, self.now_micros)?;
        self.dax.dynamodb.engine.locked(table).is_none().then_some(found)
    }

    /// The answer in a cache, for whom a table's policy does not refuse.
    pub(crate) async fn kept<O: Operation<DynamoDb, Input: Clone>>(
        &self,
        (kind, table, key): (Kind, &Table, CacheKey<'_>),
        input: &O::Input,
    ) -> Result<Option<Kept>, ApiError> {
        let Some(found) = self.cached(kind, table, key) else { return Ok(None) };
        if self.dax.dynamodb.has_resource_policies() {
            self.check::<O>(input.clone()).await?;
        }
        Ok(Some(found.answer))
    }

    /// Refuses what an operation refuses before it runs.
    pub(crate) async fn check<O: Operation<DynamoDb>>(&self, input: O::Input) -> Result<(), ApiError> {
        let tally = self.dax.figures.begin(self.now_micros);
        pipeline::permit::<DynamoDb, O>(&self.cx(&tally), input).await
    }

    /// The table of this name, whose schema the arguments behind it follow.
    pub(crate) async fn table(&self, name: &str) -> Result<Arc<Table>, Refused> {
        if let Some(tables) = &self.tables {
            tables.lock().insert(name.to_owned());
        }
        self.dax.dynamodb.refresh().await?;
        // A name is all that clients send for a table they know. Nothing is made of it.
        let known = self.dax.dynamodb.engine.table(&self.known.scope, name);
        match known.filter(|table| self.has_items(table)) {
            Some(known) => Ok(known),
            None => Box::pin(self.resolve(name)).await,
        }
    }

    async fn resolve(&self, name: &str) -> Result<Arc<Table>, Refused> {
        let tally = self.dax.figures.begin(self.now_micros);
        let (cx, table) = (self.cx(&tally), TableRef::of(Some(name.to_owned())));
        match table.look_up(&cx).filter(|table| self.has_items(table)) {
            Some(known) => Ok(known),
            None => Ok(table.resolve(&cx).await?),
        }
    }

    fn has_items(&self, table: &Table) -> bool {
        !table.settings.is_leaving() && !table.settings.is_creating(self.now_micros)
    }
}
