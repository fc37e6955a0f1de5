//! `PUT /_aws/dynamodb/capacity?table=NAME&mode=observe`: what happens above the limits of a table from now on, on
//! every server and after a restart. `enforce` refuses, `observe` counts, `default` leaves it to each server.
//!
//! Permissions and tables are as with expired items.

use super::query::members;
use dynamodb::DynamoDb;
use dynamodb::service::scope_of;
use engine::table::CapacityMode;
use engine::{AlterError, Engine, Scope, Table};
use http_server::{Act, Page};
use pipeline::{Pipeline, Request, Service};
use std::sync::Arc;

const PATH: &str = "/_aws/dynamodb/capacity";
const USAGE: &str = "ask for ?table=NAME&mode=observe, enforce or default\n";
/// How often a change is made again because another one came between.
const ATTEMPTS_MAX: usize = 16;

/// Sets the modes of tables on request.
pub(super) struct CapacityModes {
    engine: Engine,
    /// What verifies signatures, where they are verified.
    verifier: Option<Arc<Pipeline>>,
}

/// The request.
struct Wanted {
    scope: Option<Scope>,
    table: String,
    mode: Option<CapacityMode>,
}

impl CapacityModes {
    pub(super) fn of(engine: Engine, verifier: Option<Arc<Pipeline>>) -> Self {
        CapacityModes { engine, verifier }
    }

    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        if request.uri.path() != PATH || request.method.as_str() != "PUT" {
            return None;
        }
        let (engine, wanted) = (self.engine.clone(), self.wanted(request));
        Some(Box::pin(async move {
            match wanted {
                Ok(wanted) => set(&engine, &wanted).await,
                Err(refusal) => refusal,
            }
        }))
    }

    fn wanted(&self, request: &Request) -> Result<Wanted, Page> {
        let caller = |pipeline: &Arc<Pipeline>| pipeline.authenticate(request, DynamoDb::SIGNING_NAME);
        let caller = self.verifier.as_ref().map(caller).transpose().map_err(Page::Refused)?;
        let (table, mode) =
            asked(request.uri.query().unwrap_or_default()).ok_or_else(|| Page::text(400, USAGE))?;
        Ok(Wanted { scope: caller.map(|caller| scope_of(&caller)), table, mode })
    }
}

/// Table and mode of a query.
fn asked(query: &str) -> Option<(String, Option<CapacityMode>)> {
    let (mut table, mut mode) = (None, None);
    for (name, value) in members(query) {
        match (&*name, &*value) {
            ("table", value) if !value.is_empty() => table = Some(value.to_owned()),
            ("mode", "observe") => mode = Some(Some(CapacityMode::Observe)),
            ("mode", "enforce") => mode = Some(Some(CapacityMode::Enforce)),
            ("mode", "default") => mode = Some(None),
            _ => return None,
        }
    }
    Some((table?, mode?))
}

/// Without signatures there may be tables of this name in several regions: all of them are set.
async fn set(engine: &Engine, wanted: &Wanted) -> Page {
    if let Err(error) = engine.refresh().await {
        return Page::text(503, format!("{error}\n"));
    }
    let is_wanted = |table: &&Arc<Table>| {
        table.name == wanted.table && wanted.scope.as_ref().is_none_or(|scope| *scope == table.scope)
    };
    let tables = engine.tables();
    let mut changed = 0;
    for table in tables.iter().filter(is_wanted) {
        match set_one(engine, &table.scope, wanted).await {
            Ok(is_there) => changed += usize::from(is_there),
            Err(error) => return Page::text(503, format!("{error}\n")),
        }
    }
    match changed {
        0 => Page::text(404, "there is no such table\n"),
        _ => Page::json(200, format!("{{\"Tables\": {changed}}}")),
    }
}

/// False: the table was deleted.
async fn set_one(engine: &Engine, scope: &Scope, wanted: &Wanted) -> Result<bool, String> {
    for _ in 0..ATTEMPTS_MAX {
        let Some(table) = engine.table(scope, &wanted.table) else { return Ok(false) };
        match engine.alter_table(&table, |table| table.settings.capacity = wanted.mode).await {
            Ok(_) => return Ok(true),
            Err(AlterError::Changed) => {}
            Err(AlterError::NotFound) => return Ok(false),
            Err(AlterError::Store(error)) => return Err(error.to_string()),
        }
    }
    Err("the table keeps changing".to_owned())
}

impl std::fmt::Debug for CapacityModes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CapacityModes").field("verifies", &self.verifier.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        assert_eq!(asked("table=t&mode=enforce"), Some(("t".into(), Some(CapacityMode::Enforce))));
        assert_eq!(asked("mode=default&table=t"), Some(("t".into(), None)));
        for query in [
            "",
            "table=t",
            "mode=observe",
            "table=&mode=observe",
            "table=t&mode=off",
            "table=t&x=1&mode=observe",
        ] {
            assert_eq!(asked(query), None, "{query}");
        }
    }
}
