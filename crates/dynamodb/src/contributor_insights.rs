//! The rules of Contributor Insights: which tables and indexes rank their keys, how that shows, and what CloudWatch
//! calls the rankings.
//!
//! An entry of the table's settings stands for the table or an index once it was enabled or disabled. A change shows as
//! under way in its own answer, and for as long as changes of tables do.

use crate::errors::codes;
use engine::table::{ContributorInsights, IndexStatus, InsightsState};
use engine::{Engine, Index, IndexKind, Table};
use figures::hot_keys::{Ranking, Rule};
use model::ApiError;
use model::dynamodb::ContributorInsightsSummary;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Rules of an account and region at most.
const RULES_MAX: usize = 100;
/// Characters of a rule's name.
const NAME_CHARS_MAX: usize = 128;
const NAME_PREFIX: &str = "DynamoDBContributorInsights";

/// A table or one of its global indexes.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'t> {
    /// The table.
    pub table: &'t Table,
    /// The index, if it is one's.
    pub index: Option<&'t Index>,
}

impl<'t> Subject<'t> {
    /// What a request names.
    ///
    /// # Errors
    /// When the table has no global index of the name.
    pub fn of(table: &'t Table, index: Option<&str>) -> Result<Self, ApiError> {
        let Some(name) = index else { return Ok(Subject { table, index: None }) };
        let found = table.index(name).map(|(_, index)| index);
        match found.filter(|index| is_ranked(index)) {
            Some(index) => Ok(Subject { table, index: Some(index) }),
            None => Err(index_not_found(name, &table.name)),
        }
    }

    /// Refuses what is being created or deleted.
    pub fn check_active(&self, now_micros: u64) -> Result<(), ApiError> {
        if self.table.settings.is_creating(now_micros) {
            return Err(not_active("TableStatus"));
        }
        match self.index.is_none_or(|index| index.status == IndexStatus::Active) {
            true => Ok(()),
            false => Err(not_active("IndexStatus")),
        }
    }

    /// The number of the index; 0 is the table.
    pub fn number(&self) -> u16 {
        self.index.map_or(0, |index| index.number)
    }

    /// How it stands; `None` if it was never changed.
    pub fn entry(&self) -> Option<&'t ContributorInsights> {
        self.table.settings.contributor_insights.iter().find(|entry| entry.index == self.number())
    }

    /// The summary of it, as long as it is not disabled.
    pub fn summary(&self, now_micros: u64) -> Option<ContributorInsightsSummary> {
        let entry = self.entry()?;
        let status = status(entry, now_micros);
        (status != "DISABLED").then(|| ContributorInsightsSummary {
            table_name: Some(self.table.name.clone()),
            index_name: self.index.map(|index| index.name.clone()),
            contributor_insights_status: Some(status.to_owned()),
            contributor_insights_mode: Some(mode_name(entry.is_of_throttles).to_owned()),
        })
    }

    /// The rankings that an entry of it keeps, with their names.
    pub fn rules(&self, entry: &ContributorInsights) -> Vec<(Ranking, String)> {
        if entry.state != InsightsState::Enabled {
            return Vec::new();
        }
        let rankings = self.rankings(entry.is_of_throttles);
        rankings.map(|ranking| (ranking, self.rule_name(ranking, entry.enabled_millis))).collect()
    }

    fn rankings(&self, is_of_throttles: bool) -> impl Iterator<Item = Ranking> {
        let has_sort_key = !self.index.map_or(&self.table.key, |index| &index.key).range.is_empty();
        let is_kept = move |ranking: &Ranking| {
            (has_sort_key || !ranking.is_of_items()) && !(is_of_throttles && ranking.is_of_access())
        };
        Ranking::ALL.into_iter().filter(is_kept)
    }

    /// The name of a long table is cut: rules have shorter names than tables and indexes together.
    fn rule_name(&self, ranking: Ranking, enabled_millis: u64) -> String {
        let index = self.index.map(|index| format!("-{}", index.name)).unwrap_or_default();
        let (code, end) = (ranking.code(), format!("-{enabled_millis}"));
        let mut name = format!("{NAME_PREFIX}-{code}-{}{index}", self.table.name);
        name.truncate(NAME_CHARS_MAX - end.len());
        name + &end
    }
}

/// The table, then its global indexes by name.
pub fn subjects(table: &Table) -> impl Iterator<Item = Subject<'_>> {
    let mut indexes: Vec<_> = table.indexes.iter().filter(|index| is_ranked(index)).collect();
    indexes.sort_by(|one, other| one.name.cmp(&other.name));
    let indexes = indexes.into_iter().map(move |index| Subject { table, index: Some(index) });
    std::iter::once(Subject { table, index: None }).chain(indexes)
}

/// Tells every ranking that is kept, as any server on the store has left the tables.
pub fn rules_of(engine: Engine) -> impl Fn() -> Pin<Box<dyn Future<Output = Vec<Rule>> + Send>> {
    move || {
        let engine = engine.clone();
        Box::pin(async move {
            if !engine.is_current()
                && let Err(error) = engine.refresh().await
            {
                tracing::warn!(%error, "the tables of other servers cannot be read");
            }
            rules(&engine)
        })
    }
}

fn rules(engine: &Engine) -> Vec<Rule> {
    let tables = engine.tables();
    let tables = tables.iter().filter(|table| !table.settings.contributor_insights.is_empty());
    tables.flat_map(|table| rules_of_table(table)).collect()
}

fn rules_of_table(table: &Table) -> Vec<Rule> {
    let of_subject = |subject: Subject<'_>| {
        let rules = subject.entry().map(|entry| subject.rules(entry)).unwrap_or_default();
        let index = subject.number();
        rules.into_iter().map(move |(ranking, name)| Rule {
            name,
            account: Arc::clone(&table.scope.account),
            region: Arc::clone(&table.scope.region),
            table: table.id,
            index,
            ranking,
        })
    };
    subjects(table).flat_map(of_subject).collect()
}

/// The entry that ENABLE or DISABLE comes to; `None`: nothing changes.
pub fn changed(
    subject: &Subject<'_>,
    engine: &Engine,
    (is_enable, is_of_throttles): (bool, bool),
    now_micros: u64,
) -> Option<ContributorInsights> {
    let known = subject.entry();
    let is_enabled = known.is_some_and(|entry| entry.state == InsightsState::Enabled);
    let is_disabled = known.is_none_or(|entry| entry.state == InsightsState::Disabled);
    let is_settled = if is_enable {
        is_enabled && known.is_some_and(|entry| entry.is_of_throttles == is_of_throttles)
    } else {
        is_disabled
    };
    if is_settled {
        return None;
    }
    let state = match is_enable {
        false => InsightsState::Disabled,
        true if has_room(subject, engine, is_of_throttles) => InsightsState::Enabled,
        true => InsightsState::Failed,
    };
    Some(ContributorInsights {
        index: subject.number(),
        state,
        is_of_throttles: if is_enable {
            is_of_throttles
        } else {
            known.is_some_and(|entry| entry.is_of_throttles)
        },
        enabled_millis: known.filter(|_| is_enabled).map_or(now_micros / 1_000, |entry| entry.enabled_millis),
        changed_micros: now_micros,
        shows_until_micros: 0,
    })
}

fn has_room(subject: &Subject<'_>, engine: &Engine, is_of_throttles: bool) -> bool {
    let scope = &subject.table.scope;
    let is_other = |rule: &&Rule| {
        (&rule.account, &rule.region) == (&scope.account, &scope.region)
            && (rule.table, rule.index) != (subject.table.id, subject.number())
    };
    let others = rules(engine).iter().filter(is_other).count();
    others + subject.rankings(is_of_throttles).count() <= RULES_MAX
}

/// The state as the API shows it at a time.
pub fn status(entry: &ContributorInsights, now_micros: u64) -> &'static str {
    match (entry.state, now_micros < entry.shows_until_micros) {
        (InsightsState::Enabled | InsightsState::Failed, true) => "ENABLING",
        (InsightsState::Enabled, false) => "ENABLED",
        (InsightsState::Failed, false) => "FAILED",
        (InsightsState::Disabled, true) => "DISABLING",
        (InsightsState::Disabled, false) => "DISABLED",
    }
}

/// The API's word for what is ranked.
pub fn mode_name(is_of_throttles: bool) -> &'static str {
    if is_of_throttles { "THROTTLED_KEYS" } else { "ACCESSED_AND_THROTTLED_KEYS" }
}

/// Local indexes have no capacity of their own, and no rankings.
fn is_ranked(index: &Index) -> bool {
    index.kind == IndexKind::Global && index.status != IndexStatus::Deleting
}

fn index_not_found(index: &str, table: &str) -> ApiError {
    let text = format!("Requested resource not found: Index: {index} not found for table: {table}");
    ApiError::new(codes::RESOURCE_NOT_FOUND, text)
}

fn not_active(status: &str) -> ApiError {
    ApiError::validation(format!(
        "Table or Index is not in a valid state to update Key Access Insights: {status} must be ACTIVE to enable \
         ContributorInsights."
    ))
}
