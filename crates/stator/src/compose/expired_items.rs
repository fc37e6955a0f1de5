//! `DELETE /_aws/dynamodb/expired`: deletes at once what has expired, for tests that do not want to wait for the sweep.
//! Path and answer are LocalStack's; `?table=NAME` leaves other tables alone.
//!
//! A server that verifies signatures requires the request signed as one of DynamoDB, and affects the tables of the
//! caller in the region signed for. Without verification every request reaches all tables.

use dynamodb::DynamoDb;
use dynamodb::service::scope_of;
use engine::{Engine, Scope, Table};
use http_server::{Act, Page};
use pipeline::{Pipeline, Request, Service};
use std::sync::Arc;

const PATH: &str = "/_aws/dynamodb/expired";

/// Deletes expired items on request.
pub(super) struct ExpiredItems {
    engine: Engine,
    /// What verifies signatures, where they are verified.
    verifier: Option<Arc<Pipeline>>,
}

/// The requested tables.
struct Wanted {
    scope: Option<Scope>,
    name: Option<String>,
}

impl ExpiredItems {
    pub(super) fn of(engine: Engine, verifier: Option<Arc<Pipeline>>) -> Self {
        ExpiredItems { engine, verifier }
    }

    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        if request.uri.path() != PATH || request.method.as_str() != "DELETE" {
            return None;
        }
        let (engine, wanted) = (self.engine.clone(), self.wanted(request));
        Some(Box::pin(async move {
            match wanted {
                Ok(wanted) => delete(engine, wanted).await,
                Err(refusal) => refusal,
            }
        }))
    }

    fn wanted(&self, request: &Request) -> Result<Wanted, Page> {
        let caller = |pipeline: &Arc<Pipeline>| pipeline.authenticate(request, DynamoDb::SIGNING_NAME);
        let caller = self.verifier.as_ref().map(caller).transpose().map_err(Page::Refused)?;
        let name = match request.uri.query().map(|query| query.strip_prefix("table=")) {
            None => None,
            Some(Some(name)) if !name.is_empty() => Some(name.to_owned()),
            Some(_) => {
                return Err(Page::text(400, "ask for ?table=NAME, or for all tables without a query\n"));
            }
        };
        Ok(Wanted { scope: caller.map(|caller| scope_of(&caller)), name })
    }
}

impl Wanted {
    fn takes(&self, table: &Table) -> bool {
        self.scope.as_ref().is_none_or(|scope| *scope == table.scope)
            && self.name.as_ref().is_none_or(|name| *name == table.name)
    }
}

async fn delete(engine: Engine, wanted: Wanted) -> Page {
    if let Err(error) = engine.refresh().await {
        return Page::text(503, format!("{error}\n"));
    }
    let tables: Vec<_> = engine.tables().into_iter().filter(|table| wanted.takes(table)).collect();
    if tables.is_empty() && wanted.name.is_some() {
        return Page::text(404, "there is no such table\n");
    }
    match tokio::task::spawn_blocking(move || engine.expire_now(&tables)).await {
        Ok(Ok(items)) => Page::json(200, format!("{{\"ExpiredItems\": {items}}}")),
        Ok(Err(error)) => Page::text(503, format!("{error}\n")),
        Err(_) => Page::text(500, "the deletion failed; the log says why\n"),
    }
}

impl std::fmt::Debug for ExpiredItems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExpiredItems").field("verifies", &self.verifier.is_some()).finish_non_exhaustive()
    }
}
