//! UpdateContributorInsights: ranks the keys of a table or a global index from now on, or no longer.
//!
//! Order of refusals: constraints → no such table → no such global index → it is not ACTIVE. A state that is there
//! already is answered as it is. Without a mode, ENABLE means both kinds of rankings. More rules than an account has
//! are answered ENABLING, and FAILED shows later.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::contributor_insights::{self, Subject, mode_name, status};
use crate::errors::table_keeps_changing;
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use engine::table::ContributorInsights;
use model::ApiError;
use model::dynamodb::{
    UpdateContributorInsights, UpdateContributorInsightsInput, UpdateContributorInsightsOutput,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for, checked.
pub struct Plan {
    table: TableRef,
    index: Option<String>,
    is_enable: bool,
    is_of_throttles: bool,
}

impl Operation<DynamoDb> for UpdateContributorInsights {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateContributorInsightsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: UpdateContributorInsightsInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        Ok(Plan {
            table: TableRef::of(input.table_name),
            index: input.index_name,
            is_enable: input.contributor_insights_action.as_deref() == Some("ENABLE"),
            is_of_throttles: input.contributor_insights_mode.as_deref() == Some(mode_name(true)),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:UpdateContributorInsights", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<UpdateContributorInsightsOutput, ApiError> {
        for _ in 0..ATTEMPTS_MAX {
            let table = control_table_name::find(cx, &plan.table).await?;
            let subject = Subject::of(&table, plan.index.as_deref())?;
            subject.check_active(cx.now_micros)?;
            let asked = (plan.is_enable, plan.is_of_throttles);
            let Some(new) = contributor_insights::changed(&subject, &cx.service.engine, asked, cx.now_micros)
            else {
                return Ok(settled(&subject, cx.now_micros));
            };
            let shows_until_micros = cx.service.shows_until_micros(cx.now_micros);
            let put =
                |table: &mut Table| put(table, ContributorInsights { shows_until_micros, ..new.clone() });
            if table_change::attempt(cx, &table, put).await?.is_some() {
                // Its own answer shows the change as under way in any case.
                let new = ContributorInsights { shows_until_micros: u64::MAX, ..new };
                return Ok(answer(&subject, Some(&new), cx.now_micros));
            }
        }
        Err(table_keeps_changing())
    }
}

fn put(table: &mut Table, new: ContributorInsights) {
    let is_there = |index: u16| index == 0 || table.indexes.iter().any(|known| known.number == index);
    let mut entries = std::mem::take(&mut table.settings.contributor_insights);
    entries.retain(|entry| entry.index != new.index && is_there(entry.index));
    entries.push(new);
    table.settings.contributor_insights = entries;
}

fn settled(subject: &Subject<'_>, now_micros: u64) -> UpdateContributorInsightsOutput {
    answer(subject, subject.entry(), now_micros)
}

fn answer(
    subject: &Subject<'_>,
    entry: Option<&ContributorInsights>,
    now_micros: u64,
) -> UpdateContributorInsightsOutput {
    UpdateContributorInsightsOutput {
        table_name: Some(subject.table.name.clone()),
        index_name: subject.index.map(|index| index.name.clone()),
        contributor_insights_status: Some(
            entry.map_or("DISABLED", |entry| status(entry, now_micros)).to_owned(),
        ),
        contributor_insights_mode: entry.map(|entry| mode_name(entry.is_of_throttles).to_owned()),
    }
}
