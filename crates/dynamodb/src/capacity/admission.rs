//! Whether a table has capacity for a request. A request is charged the least it can cost before it is done, and the
//! rest once its cost is known. Above the limits it is refused, or served and counted, as set for the table or the
//! server.

use super::sharing::{Parts, SideId};
use super::{Consumed, Contributor, Direction};
use crate::errors::{self, Limit};
use crate::service::DynamoDb;
use crate::warm_throughput;
use ::capacity::{Account, Ask, HalfUnits, Limits, Side, SideLimits, Throughput, View};
use engine::table::{
    BillingMode, CapacityMode, IndexStatus, OnDemandThroughput, ProvisionedThroughput, WarmThroughput,
};
use engine::{Index, IndexKind, ItemKey, Scope, Table};
use figures::Throttle;
use model::ApiError;
use model::api_error::CancellationReason;
use parking_lot::Mutex;
use pipeline::Cx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The limits of all tables of a server.
#[derive(Debug, Default)]
pub struct Limiter {
    /// What happens above the limits of a table without a mode of its own.
    pub mode: CapacityMode,
    accounts: Mutex<BTreeMap<Scope, Arc<Account>>>,
    /// What of the limits is this server's.
    pub(super) parts: Mutex<Parts>,
}

/// The units a request takes from a table or one of its indexes.
#[derive(Debug, Clone)]
pub struct Units<'t> {
    /// Read or write.
    pub direction: Direction,
    /// The index that is read; `None` is the table.
    pub index: Option<&'t Index>,
    /// Where in the ranges of keys; `None`: no range is charged.
    pub position: Option<u64>,
    /// The least that it can cost.
    pub least: f64,
    /// The key, where the keys of what is used are ranked.
    pub contributor: Option<Box<Contributor>>,
}

impl Units<'static> {
    /// A read of an item of the table.
    pub fn of_read(table: &Table, key: &ItemKey, least: f64) -> Self {
        Units::of_item(Direction::Read, table, key, least)
    }

    /// A write of an item of the table, which costs this much at least.
    pub fn of_write(table: &Table, key: &ItemKey, least: f64) -> Self {
        Units::of_item(Direction::Write, table, key, least)
    }

    fn of_item(direction: Direction, table: &Table, key: &ItemKey, least: f64) -> Self {
        let contributor = Contributor::of_item(table, key);
        Units { direction, index: None, position: Some(key.range_position()), least, contributor }
    }
}

/// A request that was admitted, and charged the least.
#[derive(Debug)]
#[must_use = "what it costs is to be charged"]
pub struct Admission<'t> {
    table: &'t Table,
    view: &'t View,
    units: Units<'t>,
    now_micros: u64,
    /// Served, though it should have been refused: that charges nothing.
    is_over: bool,
}

impl Limiter {
    /// Limits with this mode for tables that have none of their own.
    pub fn new(mode: CapacityMode) -> Limiter {
        Limiter { mode, ..Limiter::default() }
    }

    fn enforces(&self, table: &Table) -> bool {
        table.settings.capacity.unwrap_or(self.mode) == CapacityMode::Enforce
    }

    /// The buckets of a table, by its descriptor.
    pub fn view<'t>(&self, table: &'t Table, now_micros: u64) -> &'t View {
        table.buckets.view(now_micros, || self.limits(table, now_micros))
    }

    /// What the tables of an account in a region may do together.
    pub(super) fn account(&self, scope: &Scope) -> Arc<Account> {
        Arc::clone(self.accounts.lock().entry(scope.clone()).or_default())
    }

    fn limits(&self, table: &Table, now_micros: u64) -> Limits {
        let settings = &table.settings;
        let global =
            |index: &&Index| index.kind == IndexKind::Global && index.status != IndexStatus::Deleting;
        let parts = self.parts.lock();
        let of = |index, ordered: &_, warm, maximum| {
            let id = SideId { table: table.id, index };
            SideLimits {
                throughput: throughput(settings.billing_mode, ordered, warm, maximum),
                share: parts.share_of_new(id),
                began: parts.began(id, table.created_micros, now_micros),
            }
        };
        let indexes = table.indexes.iter().filter(global);
        Limits {
            version: table.schema_version,
            account: self.account(&table.scope),
            table: of(0, &settings.throughput, settings.warm, settings.on_demand),
            indexes: indexes
                .map(|index| (index.number, of(index.number, &index.throughput, index.warm, index.on_demand)))
                .collect(),
        }
    }
}

fn throughput(
    mode: BillingMode,
    ordered: &ProvisionedThroughput,
    warm: Option<WarmThroughput>,
    maximum: Option<OnDemandThroughput>,
) -> Throughput {
    let whole = |units: i64| u64::try_from(units).unwrap_or(0);
    match mode {
        BillingMode::Provisioned => {
            Throughput::Provisioned { read: ordered.read_units, write: ordered.write_units }
        }
        BillingMode::PayPerRequest => {
            let (read, write) = warm_throughput::units(mode, warm, ordered);
            let maximum = maximum.unwrap_or_default();
            Throughput::OnDemand {
                warm_read: whole(read),
                warm_write: whole(write),
                max_read: maximum.max_read_units.map(whole),
                max_write: maximum.max_write_units.map(whole),
            }
        }
    }
}

impl<'t> Admission<'t> {
    /// Admits a request, or returns the refusal. Where limits are only observed, everything is admitted.
    pub fn of(cx: &Cx<'_, DynamoDb>, table: &'t Table, units: Units<'t>) -> Result<Self, ApiError> {
        let admission = Admission::new(cx, table, units);
        let reached = admission.reached();
        if reached.is_empty() {
            admission.charge_least();
            return Ok(admission);
        }
        match admission.refuse(cx, &reached) {
            true => Err(errors::throttled(table, admission.units.direction, &reached)),
            false => Ok(Admission { is_over: true, ..admission }),
        }
    }

    /// Admits the actions of a transaction: all of them, or none with a reason for each.
    pub fn of_each(
        cx: &Cx<'_, DynamoDb>,
        actions: impl Iterator<Item = (&'t Table, Units<'t>)>,
    ) -> Result<Vec<Self>, ApiError> {
        let (mut admissions, mut reasons, mut is_refused) = (Vec::new(), Vec::new(), false);
        for (table, units) in actions {
            let admission = Admission::new(cx, table, units);
            let reached = admission.reached();
            let is_over = !reached.is_empty();
            let is_own = is_over && admission.refuse(cx, &reached);
            is_refused |= is_own;
            reasons.push(if is_own {
                errors::throttled_action(&reached)
            } else {
                CancellationReason::default()
            });
            admissions.push(Admission { is_over, ..admission });
        }
        if is_refused {
            return Err(errors::cancelled(reasons));
        }
        admissions.iter().filter(|admission| !admission.is_over).for_each(Admission::charge_least);
        Ok(admissions)
    }

    fn new(cx: &Cx<'_, DynamoDb>, table: &'t Table, units: Units<'t>) -> Self {
        let view = cx.service.limiter.view(table, cx.now_micros);
        Admission { table, view, units, now_micros: cx.now_micros, is_over: false }
    }

    /// The limits that are reached. A write needs capacity in every global index: what it changes there is not known
    /// yet.
    fn reached(&self) -> Vec<Limit<'t>> {
        let Units { direction, index, position, .. } = self.units;
        let (side, index) = self.side(index);
        let mut reached = Vec::new();
        let mut look = |side: &Side, index, position| {
            let reasons = side.refusals(self.ask(direction, position));
            if !reasons.is_empty() {
                reached.push(Limit { index, is_on_demand: side.is_on_demand(), reasons });
            }
        };
        look(side, index, position);
        if direction == Direction::Write {
            for (number, side) in &self.view.indexes {
                look(side, self.table.indexes.iter().find(|index| index.number == *number), None);
            }
        }
        reached
    }

    fn charge_least(&self) {
        let Units { direction, index, position, least, .. } = self.units;
        self.side(index).0.charge(self.ask(direction, position), HalfUnits::of(least));
    }

    /// Counts a request above the limits; true: it is to be refused.
    #[cold]
    fn refuse(&self, cx: &Cx<'_, DynamoDb>, reached: &[Limit<'_>]) -> bool {
        if let Some(contributor) = &self.units.contributor {
            contributor.note_throttled(cx, self.table);
        }
        let is_enforced = cx.service.limiter.enforces(self.table);
        for limit in reached {
            let throttle = Throttle {
                index: limit.index.map_or(0, |index| index.number),
                direction: self.units.direction,
                reasons: limit.reasons,
                is_enforced,
                is_build: limit.index.is_some_and(|index| index.status == IndexStatus::Backfilling),
            };
            cx.tally.throttled(self.table.id, throttle);
        }
        is_enforced
    }

    /// Charges what it cost beyond the least.
    pub fn settle(&self, cx: &Cx<'_, DynamoDb>, consumed: &Consumed) {
        let Units { direction, index, position, least, .. } = self.units;
        let own =
            index.and_then(|index| self.table.indexes.iter().position(|known| known.number == index.number));
        let spent = own.map_or(consumed.table, |own| consumed.units_of_index(own));
        if let Some(contributor) = &self.units.contributor {
            contributor.note_accessed(cx, self.table, spent);
        }
        if self.is_over {
            return;
        }
        self.charge(self.side(index).0, direction, position, spent - least);
        if own.is_some() {
            self.charge(&self.view.table, direction, None, consumed.table);
        }
        for (place, spent) in consumed.indexes.iter().filter(|(place, _)| Some(**place) != own) {
            match self.side(self.table.indexes.get(*place)) {
                (side, Some(_)) => spent.places().for_each(|(position, units)| {
                    side.charge_derived(self.ask(direction, position), HalfUnits::of(units));
                }),
                (side, None) => self.charge(side, direction, None, spent.units),
            }
        }
    }

    fn charge(&self, side: &Side, direction: Direction, position: Option<u64>, units: f64) {
        if units != 0.0 {
            side.charge(self.ask(direction, position), HalfUnits::of(units));
        }
    }

    /// Local indexes share the table's capacity.
    fn side(&self, index: Option<&'t Index>) -> (&'t Side, Option<&'t Index>) {
        let global = index.and_then(|index| Some((self.view.index(index.number)?, index)));
        global.map_or((&*self.view.table, None), |(side, index)| (side, Some(index)))
    }

    fn ask(&self, direction: Direction, hash: Option<u64>) -> Ask {
        Ask { direction, hash, now_micros: self.now_micros }
    }
}
