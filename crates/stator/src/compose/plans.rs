//! `GET /_stator/plan?table=NAME&days=30&target=70`: what the recorded traffic of a table would have cost and throttled
//! under each way of paying, as JSON.
//!
//! A server that verifies signatures wants the request signed as one of DynamoDB, and plans for the caller's table in
//! the region signed for. Without verification any table of the name is taken.

use super::query::members;
use cloudwatch::CloudWatch;
use dynamodb::DynamoDb;
use dynamodb::reservations::Reservations;
use dynamodb::service::scope_of;
use engine::table::BillingMode;
use engine::{Engine, IndexKind, Scope, Table};
use http_server::{Act, Page};
use pipeline::{Pipeline, Request, Service};
use planner::{Plan, Subject, Traffic};
use prices::{Capacity, Prices};
use std::sync::Arc;
use stdx::Clock;
use store::records::RecordError;

const PATH: &str = "/_stator/plan";
const USAGE: &str = "ask for ?table=NAME, with &days=1 to 63 and &target=20 to 90 if you like\n";
const MINUTES_PER_DAY: u64 = 24 * 60;
const MICROS_PER_MINUTE: u64 = 60_000_000;

/// Plans on request.
#[derive(Clone)]
pub(super) struct Plans {
    pub(super) engine: Engine,
    pub(super) cloudwatch: Arc<CloudWatch>,
    pub(super) prices: Arc<Prices>,
    pub(super) clock: Arc<dyn Clock>,
    /// What verifies signatures, where they are verified.
    pub(super) verifier: Option<Arc<Pipeline>>,
}

/// What is asked for.
#[derive(Debug, PartialEq)]
struct Asked {
    table: String,
    days: u64,
    target: u64,
}

impl Plans {
    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        if request.uri.path() != PATH || request.method.as_str() != "GET" {
            return None;
        }
        let (plans, wanted) = (self.clone(), self.wanted(request));
        Some(Box::pin(async move {
            match wanted {
                Ok((scope, asked)) => plans.page(scope.as_ref(), asked).await,
                Err(refusal) => refusal,
            }
        }))
    }

    fn wanted(&self, request: &Request) -> Result<(Option<Scope>, Asked), Page> {
        let caller = |pipeline: &Arc<Pipeline>| pipeline.authenticate(request, DynamoDb::SIGNING_NAME);
        let caller = self.verifier.as_ref().map(caller).transpose().map_err(Page::Refused)?;
        let asked = asked(request.uri.query().unwrap_or_default()).ok_or_else(|| Page::text(400, USAGE))?;
        Ok((caller.map(|caller| scope_of(&caller)), asked))
    }

    async fn page(&self, scope: Option<&Scope>, asked: Asked) -> Page {
        if let Err(error) = self.engine.refresh().await {
            return Page::text(503, format!("{error}\n"));
        }
        let is_wanted = |table: &&Arc<Table>| {
            table.name == asked.table && scope.is_none_or(|scope| *scope == table.scope)
        };
        let tables = self.engine.tables();
        let Some(table) = tables.iter().find(is_wanted) else {
            return Page::text(404, "there is no such table\n");
        };
        let traffic = match self.traffic(table, asked.days).await {
            Ok(traffic) => traffic,
            Err(error) => return Page::text(503, format!("{error}\n")),
        };
        let (prices, target) = (Arc::clone(&self.prices), asked.target as f64);
        let planned = tokio::task::spawn_blocking(move || Plan::of(&traffic, &prices, target)).await;
        match planned.ok().and_then(|plan| serde_json::to_string(&plan).ok()) {
            Some(plan) => Page::json(200, plan),
            None => Page::text(500, "the plan failed; the log says why\n"),
        }
    }

    /// The traffic of the last days, from the first minute that has any on.
    async fn traffic(&self, table: &Table, days: u64) -> Result<Traffic, String> {
        let now = self.clock.now_micros();
        let end = now / MICROS_PER_MINUTE;
        let first = end.saturating_sub(days * MINUTES_PER_DAY).max(table.created_micros / MICROS_PER_MINUTE);
        let mut subjects = Vec::new();
        for (index, provisioned) in provisioned(table) {
            let of = (&*table.scope.account, &*table.scope.region, table.name.as_str(), index.as_deref());
            let [read, write] =
                self.cloudwatch.consumed(of, first..end, now).await.map_err(|e| e.to_string())?;
            subjects.push(Subject { index, read, write, provisioned });
        }
        let reserved = self.reserved(table, now).await.map_err(|error| error.to_string())?;
        let (table, region) = (table.name.clone(), table.scope.region.to_string());
        Ok(Traffic { table, region, first_minute: first, reserved, subjects })
    }

    /// What the account has bought in advance in the region and its other tables leave.
    async fn reserved(&self, table: &Table, now_micros: u64) -> Result<(u64, u64), RecordError> {
        let Scope { account, region } = &table.scope;
        let bought = Reservations::of(self.engine.shared_store()).list((account, region)).await?;
        let active = bought.iter().map(|(_, one)| one).filter(|one| one.is_active(now_micros));
        let units = |capacity| -> u64 {
            let of_it = active.clone().filter(|one| one.capacity() == capacity);
            of_it.fold(0, |sum, one| sum.saturating_add(one.units()))
        };
        let (mut read, mut write) = (units(Capacity::Read), units(Capacity::Write));
        let tables = self.engine.tables();
        let others = tables.iter().filter(|other| other.scope == table.scope && other.id != table.id);
        for (_, used) in others.flat_map(|other| provisioned(other)) {
            (read, write) = (read.saturating_sub(used.0), write.saturating_sub(used.1));
        }
        Ok((read, write))
    }
}

/// The table and its global indexes, with what they are provisioned with.
fn provisioned(table: &Table) -> Vec<(Option<String>, (u64, u64))> {
    let is_provisioned = table.settings.billing_mode == BillingMode::Provisioned;
    let units = |read: u64, write: u64| if is_provisioned { (read, write) } else { (0, 0) };
    let own = &table.settings.throughput;
    let global = table.indexes.iter().filter(|index| index.kind == IndexKind::Global);
    let indexes = global.map(|index| {
        let throughput = &index.throughput;
        (Some(index.name.clone()), units(throughput.read_units, throughput.write_units))
    });
    std::iter::once((None, units(own.read_units, own.write_units))).chain(indexes).collect()
}

fn asked(query: &str) -> Option<Asked> {
    let mut asked = Asked { table: String::new(), days: 30, target: 70 };
    for (name, value) in members(query) {
        match &*name {
            "table" => asked.table = value.into_owned(),
            "days" => asked.days = value.parse().ok().filter(|days| (1..=63).contains(days))?,
            "target" => asked.target = value.parse().ok().filter(|target| (20..=90).contains(target))?,
            _ => return None,
        }
    }
    (!asked.table.is_empty()).then_some(asked)
}

impl std::fmt::Debug for Plans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plans").field("verifies", &self.verifier.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let expect = |days, target| Some(Asked { table: "t".to_owned(), days, target });
        assert_eq!(asked("table=t"), expect(30, 70));
        assert_eq!(asked("table=t&days=7&target=50"), expect(7, 50));
        for query in ["", "table=", "table=t&days=0", "table=t&days=64", "table=t&target=91", "table=t&x=1"] {
            assert_eq!(asked(query), None, "{query}");
        }
    }
}
