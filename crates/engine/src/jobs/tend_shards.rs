//! Replaces the shards of an enabled stream: when they have been open for some hours, and when much is written to
//! them. Every engine may do it: a change is fenced by the table's descriptor, so one of them succeeds; there is no
//! state between steps.

use super::commit::alter;
use super::{Step, Surroundings};
use crate::stream::{self, Place, StreamChange};
use crate::table::{Scope, Table};
use serde::{Deserialize, Serialize};
use store::wait::wait;
use store::{Plan, StoreError};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TendShards {
    table_id: u32,
    scope: Scope,
    name: String,
    changes: u64,
}

impl TendShards {
    pub(crate) fn of(table: &Table) -> TendShards {
        TendShards { table_id: table.id, scope: table.scope.clone(), name: table.name.clone(), changes: 0 }
    }

    pub(super) fn table_id(&self) -> u32 {
        self.table_id
    }

    pub(super) fn done(&self) -> u64 {
        self.changes
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let table = around.table(&self.scope, &self.name, self.table_id)?;
        let table = table.filter(|table| table.has_enabled_stream());
        let label =
            table.as_ref().and_then(|table| table.settings.stream.as_ref()).map(|stream| &stream.label);
        let (Some(table), Some(label)) = (&table, label) else { return Ok(Step::Done(Plan::default())) };
        let after = around.store().durable().position.0;
        let stream = wait(stream::current(around.store(), &self.scope, &self.name, label))?;
        let Some(stream) = stream else { return Ok(Step::Done(Plan::default())) };
        let now = around.clock.now_micros();
        let place = Place::Boundary { schema_version: table.schema_version + 1, after };
        let limits = around.options.shard_limits;
        let load = table.load.take(now, limits);
        let Some(mut next) = stream.tended(now, limits, load.as_ref(), place) else {
            let window_end = table.load.window_end(limits).unwrap_or(u64::MAX);
            return Ok(Step::WaitUntil(stream.next_due(limits).min(window_end)));
        };
        next.schema_version = table.schema_version + 1;
        let mut plan = Plan::default();
        StreamChange::of(&next).add_to(&mut plan);
        self.changes += u64::from(alter(around, table, plan, |_| {})?);
        Ok(Step::Progress(Plan::default())) // where the table was changed meanwhile: try again
    }
}
