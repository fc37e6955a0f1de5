//! Rules of Contributor Insights that rank the keys of tables, and their reports. A rule is there while a table asks
//! for it; what it has counted in a minute is a document, which servers on one store merge.
//!
//! Counts go into the documents once a minute, and when a report is asked for; a kill loses the open minute at most.
//! They are kept for a day.

mod report;

pub(crate) use report::{OrderBy, Report};

use crate::metrics::Owner;
use crate::service::InsightRules;
use figures::Figures;
use figures::hot_keys::{KeySketch, RankingId, Rule};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use store::Store;
use store::documents::{Documents, Transaction};
use store::records::{RecordError, RecordKey, RecordScope};

const FORMAT: u32 = 1;
const SERVICE: &str = "cloudwatch";
const KIND: &str = "insight";
/// Minutes for which counts are kept.
pub(crate) const KEPT_MINUTES: u64 = 24 * 60;
/// Documents that are looked at together when old ones are deleted.
const PAGE: usize = 256;

/// The rules and what they have counted.
pub(crate) struct Insights {
    documents: Documents,
    figures: Arc<Figures>,
    rules: Box<InsightRules>,
}

/// What the parts of a rule's keys are called.
pub(crate) fn key_labels(rule: &Rule) -> Vec<String> {
    let labels: &[&str] =
        if rule.ranking.is_of_items() { &["partitionKey", "sortKey"] } else { &["partitionKey"] };
    labels.iter().map(|label| (*label).to_owned()).collect()
}

/// What a rule sums.
pub(crate) fn value_of(rule: &Rule) -> &'static str {
    if rule.ranking.is_of_access() { "ConsumedThroughputUnits" } else { "ThrottleCount" }
}

fn counts(rule: &Rule, id: &RankingId) -> bool {
    (rule.table, rule.index, rule.ranking) == (id.table, id.index, id.ranking)
}

fn key(rule: &Rule, minute: u64) -> RecordKey {
    let id = format!("{}{minute:012}", prefix(rule));
    RecordKey::new(SERVICE, KIND, &rule.account, &rule.region, &id)
}

/// What the ids of a rule's documents begin with.
fn prefix(rule: &Rule) -> String {
    format!("{:010}/{:05}/{}/", rule.table, rule.index, rule.ranking.code())
}

impl Insights {
    pub(crate) fn of(store: Arc<dyn Store>, figures: Arc<Figures>, rules: Box<InsightRules>) -> Self {
        Insights { documents: Documents::of(store, FORMAT), figures, rules }
    }

    /// The rules of an owner in the order of their names.
    pub(crate) async fn rules_of(&self, owner: Owner<'_>) -> Vec<Rule> {
        let mut rules = (self.rules)().await;
        rules.retain(|rule| (&*rule.account, &*rule.region) == (owner.account, owner.region));
        rules.sort_by(|one, other| one.name.cmp(&other.name));
        rules
    }

    /// Writes what was counted since the last time. Counts of rules that are gone are left out.
    ///
    /// # Errors
    /// When the store fails: then what was not written is counted the next time.
    pub(crate) async fn flush(&self) -> Result<(), RecordError> {
        let mut taken = self.figures.hot_keys.take();
        if taken.is_empty() {
            return Ok(());
        }
        let rules = (self.rules)().await;
        while let Some((id, sketch)) = taken.pop_first() {
            let Some(rule) = rules.iter().find(|rule| counts(rule, &id)) else { continue };
            if let Err(error) = self.add(rule, id.minute, &sketch).await {
                taken.insert(id, sketch);
                self.figures.hot_keys.put_back(taken);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn add(&self, rule: &Rule, minute: u64, new: &KeySketch) -> Result<(), RecordError> {
        let merge = |known: Option<KeySketch>| -> Result<_, ()> {
            let mut merged = known.unwrap_or_default();
            merged.merge(new);
            Ok((Some(merged), ()))
        };
        let _always = self.documents.change(&key(rule, minute), merge).await?;
        Ok(())
    }

    /// What a rule has counted in minutes since the Unix epoch, by the minute.
    pub(crate) async fn counted(
        &self,
        rule: &Rule,
        minutes: Range<u64>,
    ) -> Result<BTreeMap<u64, KeySketch>, RecordError> {
        let (account, region, prefix) = (&*rule.account, &*rule.region, prefix(rule));
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        // Behind the last document before the first minute.
        let after = key(rule, minutes.start.saturating_sub(1));
        let limit = usize::try_from(minutes.end.saturating_sub(minutes.start)).unwrap_or(usize::MAX);
        let found = self.documents.list::<KeySketch>(scope, Some(&after), limit).await?;
        let minute = |key: &RecordKey| key.id.strip_prefix(&prefix)?.parse().ok();
        let of_rule = found.into_iter().filter_map(|(key, sketch)| Some((minute(&key)?, sketch)));
        Ok(of_rule.filter(|(minute, _)| minutes.contains(minute)).collect())
    }

    /// Deletes the counts of minutes that are too old.
    pub(crate) async fn trim(&self, now_minute: u64) -> Result<(), RecordError> {
        let scope = RecordScope::Kind { service: SERVICE, kind: KIND };
        let minute = |key: &RecordKey| key.id.rsplit('/').next()?.parse::<u64>().ok();
        let is_old = |key: &RecordKey| minute(key).is_none_or(|minute| minute + KEPT_MINUTES < now_minute);
        let mut after: Option<RecordKey> = None;
        loop {
            let page = self.documents.list::<KeySketch>(scope, after.as_ref(), PAGE).await?;
            let old: Vec<_> = page.iter().map(|(key, _)| key.clone()).filter(is_old).collect();
            let delete = |documents: &mut Transaction<'_>| -> Result<(), ()> {
                (0..old.len()).for_each(|place| documents.delete(place));
                Ok(())
            };
            if !old.is_empty() {
                let _always = self.documents.transact(&old, delete).await?;
            }
            match page.into_iter().next_back() {
                Some((last, _)) => after = Some(last),
                None => return Ok(()),
            }
        }
    }
}

/// All that was counted, together.
pub(crate) fn merged<'a>(sketches: impl Iterator<Item = &'a KeySketch>) -> KeySketch {
    let mut merged = KeySketch::default();
    sketches.for_each(|sketch| merged.merge(sketch));
    merged
}
