//! DescribeContributorInsights: whether the keys of a table or a global index are ranked, and by which rules of
//! CloudWatch.
//!
//! Order of refusals: constraints → no such table → no such global index.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::contributor_insights::{Subject, mode_name, status};
use crate::service::DynamoDb;
use engine::table::ContributorInsights;
use model::ApiError;
use model::dynamodb::{
    DescribeContributorInsights, DescribeContributorInsightsInput, DescribeContributorInsightsOutput,
    FailureException,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeContributorInsights {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeContributorInsightsInput> = Validation::Own;
    type Plan = (TableRef, Option<String>);

    fn check(input: DescribeContributorInsightsInput) -> Result<Self::Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        Ok((TableRef::of(input.table_name), input.index_name))
    }

    fn access(cx: &Cx<'_, DynamoDb>, (table, _): &Self::Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DescribeContributorInsights", table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        (table, index): Self::Plan,
    ) -> Result<DescribeContributorInsightsOutput, ApiError> {
        let table = control_table_name::find(cx, &table).await?;
        let subject = Subject::of(&table, index.as_deref())?;
        let output = DescribeContributorInsightsOutput {
            table_name: Some(table.name.clone()),
            index_name: subject.index.map(|index| index.name.clone()),
            contributor_insights_status: Some("DISABLED".to_owned()),
            ..DescribeContributorInsightsOutput::default()
        };
        let described = |entry| described(output.clone(), &subject, entry, cx.now_micros);
        Ok(subject.entry().map_or_else(|| output.clone(), described))
    }
}

fn described(
    output: DescribeContributorInsightsOutput,
    subject: &Subject<'_>,
    entry: &ContributorInsights,
    now_micros: u64,
) -> DescribeContributorInsightsOutput {
    let status = status(entry, now_micros);
    let rules: Vec<_> = subject.rules(entry).into_iter().map(|(_, name)| name).collect();
    DescribeContributorInsightsOutput {
        contributor_insights_status: Some(status.to_owned()),
        contributor_insights_rule_list: Some(rules).filter(|rules| !rules.is_empty()),
        last_update_date_time: Some(entry.changed_micros as f64 / 1e6),
        contributor_insights_mode: Some(mode_name(entry.is_of_throttles).to_owned()),
        failure_exception: (status == "FAILED").then(|| FailureException {
            exception_name: Some("LimitExceededException".to_owned()),
            exception_description: Some(
                "The maximum number of Contributor Insights rules for the account has been reached."
                    .to_owned(),
            ),
        }),
        ..output
    }
}
