//! Faults on demand, for those who test what their programs do about them: rules that throttle, fail, delay or
//! conflict, or leave members of a batch unprocessed. Without rules a request pays one atomic load.

mod rule;

pub use rule::{Effect, FaultRule};

use crate::access::key_text;
use crate::capacity;
use crate::errors::{self, Limit};
use crate::service::{DynamoDb, scope_of};
use ::capacity::{Direction, Reason, Reasons};
use engine::Table;
use model::ApiError;
use model::api_error::CancellationReason;
use parking_lot::RwLock;
use pipeline::{Access, Cx, Interference, Kind, Need};
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use stdx::Random;
use types::Item;

/// Rules that may be in force; more are refused.
const RULES_MAX: usize = 1_000;

/// The rules of a server.
#[derive(Debug, Default)]
pub struct Faults {
    has_rules: AtomicBool,
    rules: RwLock<Vec<Active>>,
}

/// A rule in force.
#[derive(Debug)]
struct Active {
    rule: FaultRule,
    /// How often it may still take effect.
    left: AtomicU64,
}

/// What is between two regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Nothing gets through.
    Cut,
    /// Everything takes so long.
    Lag(std::time::Duration),
}

/// An operation that is about to run.
#[derive(Clone, Copy)]
struct Call<'a> {
    operation: &'static str,
    kind: Kind,
    needs: &'a [Need<'a>],
}

impl Faults {
    /// Adds a rule behind the present ones. The error contains the limit on rules.
    pub fn add(&self, rule: FaultRule) -> Result<(), String> {
        let mut rules = self.rules.write();
        if rules.len() >= RULES_MAX {
            return Err(format!("there are {RULES_MAX} rules already"));
        }
        let left = AtomicU64::new(rule.count.unwrap_or(u64::MAX));
        rules.push(Active { rule, left });
        self.has_rules.store(true, Relaxed);
        Ok(())
    }

    /// Removes all rules, and returns their number.
    pub fn clear(&self) -> usize {
        self.has_rules.store(false, Relaxed);
        std::mem::take(&mut *self.rules.write()).len()
    }

    /// What the rules do to an operation that may run.
    pub(crate) fn interfere<'a>(
        cx: &'a Cx<'_, DynamoDb>,
        operation: &'static str,
        kind: Kind,
        access: impl FnOnce() -> Access<'a>,
    ) -> Option<Interference> {
        let faults = &cx.service.faults;
        if !faults.has_rules.load(Relaxed) {
            return None;
        }
        let access = access();
        let call = Call { operation, kind, needs: &access.needs };
        faults.rules.read().iter().find_map(|active| active.meet(cx, call))
    }

    /// What the rules about `Replication` do to what goes from one region to another now: their key is both, such as
    /// `us-east-1>eu-west-1`. An error keeps it back, a delay lets it come so much later.
    pub(crate) fn on_replication(
        &self,
        random: &Random,
        table: &str,
        from: &str,
        to: &str,
    ) -> Option<Obstacle> {
        if !self.has_rules.load(Relaxed) {
            return None;
        }
        let obstacle = |active: &Active| {
            let rule = &active.rule;
            let obstacle = match rule.effect {
                Effect::Error => Obstacle::Cut,
                Effect::Delay(delay) => Obstacle::Lag(delay),
                _ => return None,
            };
            let is_met = rule.operation.as_deref() == Some("Replication")
                && rule.is_about(table, || vec![format!("{from}>{to}")])
                && active.takes_effect(random);
            is_met.then_some(obstacle)
        };
        self.rules.read().iter().find_map(obstacle)
    }

    /// Whether a rule leaves a member of a batch unprocessed.
    pub(crate) fn leaves_unprocessed(
        &self,
        random: &Random,
        operation: &'static str,
        table: &Table,
        key: &Item,
    ) -> bool {
        if !self.has_rules.load(Relaxed) {
            return false;
        }
        let is_met = |active: &Active| {
            let FaultRule { effect, .. } = &active.rule;
            matches!(effect, Effect::Unprocessed | Effect::Conflict)
                && active.rule.is_about_operation(operation)
                && active
                    .rule
                    .is_about(&table.name, || key_text(table, key).map(Cow::into_owned).into_iter().collect())
                && active.takes_effect(random)
        };
        self.rules.read().iter().any(is_met)
    }
}

impl Active {
    fn meet(&self, cx: &Cx<'_, DynamoDb>, call: Call<'_>) -> Option<Interference> {
        let rule = &self.rule;
        let is_batch = call.operation.starts_with("Batch");
        let by_member = is_batch && matches!(rule.effect, Effect::Unprocessed | Effect::Conflict);
        if by_member || !rule.is_about_operation(call.operation) {
            return None;
        }
        let met: Vec<bool> = call.needs.iter().map(|need| is_about_need(rule, need)).collect();
        let first = call.needs.iter().zip(&met).find(|(_, is_met)| **is_met).map(|(need, _)| need)?;
        let refusal = match &rule.effect {
            Effect::Delay(_) => None,
            Effect::Error => Some(errors::internal_error()),
            Effect::Throttle(reason) => Some(throttled(cx, call, first, &met, *reason)?),
            Effect::Conflict if call.kind != Kind::Control => Some(conflict(call, &met)?),
            Effect::Conflict | Effect::Unprocessed => return None,
        };
        if !self.takes_effect(cx.random) {
            return None;
        }
        let delay = match rule.effect {
            Effect::Delay(delay) => Some(delay),
            _ => None,
        };
        Some(Box::pin(async move {
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
            refusal.map_or(Ok(()), Err)
        }))
    }

    /// Whether the rule's probability selects it and its count is not used up.
    fn takes_effect(&self, random: &Random) -> bool {
        let chance = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        chance < self.rule.probability
            && self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

fn is_about_need(rule: &FaultRule, need: &Need<'_>) -> bool {
    rule.is_about(&table_of(need), || need.condition_values("dynamodb:leadingkeys").unwrap_or_default())
}

/// The name in the ARN of a table or index.
fn table_of(need: &Need<'_>) -> String {
    let arn = need.resource.to_string();
    let name = arn.split_once(":table/").map_or("", |(_, name)| name);
    name.split('/').next().unwrap_or_default().to_owned()
}

/// A table that is not there throttles nothing.
fn throttled(
    cx: &Cx<'_, DynamoDb>,
    call: Call<'_>,
    need: &Need<'_>,
    met: &[bool],
    reason: Reason,
) -> Option<ApiError> {
    let table = cx.service.engine.table(&scope_of(cx.caller), &table_of(need))?;
    let direction = if call.kind == Kind::Read { Direction::Read } else { Direction::Write };
    let reasons = Reasons::default().with(reason, true);
    let is_on_demand = reason != Reason::ProvisionedThroughput;
    let limits = [Limit { index: None, is_on_demand, reasons }];
    let throttle = figures::Throttle { index: 0, direction, reasons, is_enforced: true, is_build: false };
    capacity::note_table(cx, &table);
    cx.tally.throttled(table.id, throttle);
    Some(match is_transaction(call) {
        true => cancelled(met, || errors::throttled_action(&limits)),
        false => errors::throttled(&table, direction, &limits),
    })
}

/// What a transaction that holds the item does; single reads and pages meet none.
fn conflict(call: Call<'_>, met: &[bool]) -> Option<ApiError> {
    match call.kind {
        _ if is_transaction(call) => Some(cancelled(met, errors::conflict_reason)),
        Kind::Write => Some(errors::conflict()),
        _ => None,
    }
}

fn is_transaction(call: Call<'_>) -> bool {
    call.operation.starts_with("Transact")
}

fn cancelled(met: &[bool], reason: impl Fn() -> CancellationReason) -> ApiError {
    let reasons = met.iter().map(|is_met| if *is_met { reason() } else { CancellationReason::default() });
    errors::cancelled(reasons.collect())
}
