//! `stator hot-keys TABLE`: which keys of a table and its indexes are accessed and throttled most.
//!
//! Reads the reports of Contributor Insights over the public API, so it works against AWS too.

mod arguments;
mod shown;

pub use arguments::Arguments;

use crate::client::{Api, CallError, Client, Place, Variables};
use serde_json::{Value, json};
use std::sync::Arc;
use stdx::Clock;

/// What reports call the rankings, and what people do.
const RANKINGS: [(&str, &str, &str); 4] = [
    ("PKC", "partition keys by consumed units", "units"),
    ("SKC", "items by consumed units", "units"),
    ("PKT", "partition keys by throttled requests", "requests"),
    ("SKT", "items by throttled requests", "requests"),
];

/// Runs the command, and returns what it prints.
///
/// # Errors
/// In a sentence for people that says what to do.
pub fn run(
    arguments: &Arguments,
    variables: &Variables<'_>,
    clock: Arc<dyn Clock>,
) -> Result<String, String> {
    let (place, signer) = Place::resolve(&arguments.server, variables)?;
    let client = Client::new(place, signer, clock);
    let told = |error: CallError| error.sentence(&client.place().url());
    if arguments.enable {
        enable(&client, arguments).map_err(told)?;
    }
    let subjects = subjects(&client, arguments).map_err(told)?;
    if subjects.is_empty() {
        return Err(nothing_ranked(arguments));
    }
    let mut rankings = Vec::new();
    for index in subjects {
        rankings.extend(rankings_of(&client, arguments, index.as_deref()).map_err(told)?);
    }
    let report = json!({ "table": arguments.table, "minutes": arguments.minutes, "rankings": rankings });
    Ok(if arguments.json { format!("{report}\n") } else { shown::report(&report) })
}

fn enable(client: &Client, arguments: &Arguments) -> Result<(), CallError> {
    let mut input = json!({ "TableName": arguments.table, "ContributorInsightsAction": "ENABLE" });
    if let Some(index) = &arguments.index {
        input["IndexName"] = index.as_str().into();
    }
    client.call(Api::DynamoDb, "UpdateContributorInsights", &input).map(|_| ())
}

/// The table (none) and the indexes whose keys are ranked, or the one that is asked for.
fn subjects(client: &Client, arguments: &Arguments) -> Result<Vec<Option<String>>, CallError> {
    let mut found = Vec::new();
    let mut input = json!({ "TableName": arguments.table });
    loop {
        let answer = client.call(Api::DynamoDb, "ListContributorInsights", &input)?;
        for summary in answer["ContributorInsightsSummaries"].as_array().into_iter().flatten() {
            let index = summary["IndexName"].as_str().map(str::to_owned);
            if summary["ContributorInsightsStatus"] != "FAILED"
                && (arguments.index.is_none() || arguments.index == index)
            {
                found.push(index);
            }
        }
        match &answer["NextToken"] {
            Value::Null => return Ok(found),
            token => input["NextToken"] = token.clone(),
        }
    }
}

fn rankings_of(client: &Client, arguments: &Arguments, index: Option<&str>) -> Result<Vec<Value>, CallError> {
    let mut input = json!({ "TableName": arguments.table });
    if let Some(index) = index {
        input["IndexName"] = index.into();
    }
    let described = client.call(Api::DynamoDb, "DescribeContributorInsights", &input)?;
    let rules = described["ContributorInsightsRuleList"].as_array().into_iter().flatten();
    rules.filter_map(Value::as_str).map(|rule| ranking(client, arguments, index, rule)).collect()
}

fn ranking(
    client: &Client,
    arguments: &Arguments,
    index: Option<&str>,
    rule: &str,
) -> Result<Value, CallError> {
    let code = rule.split('-').nth(1).unwrap_or_default();
    let (_, name, unit) = RANKINGS.into_iter().find(|known| known.0 == code).unwrap_or((code, code, ""));
    let end = client.now_micros() / 1_000_000 / 60 * 60 + 60;
    let input = json!({
        "RuleName": rule,
        "StartTime": end.saturating_sub(arguments.minutes * 60),
        "EndTime": end,
        "Period": 60,
        "MaxContributorCount": arguments.keys,
    });
    let report = client.call(Api::CloudWatch, "GetInsightRuleReport", &input)?;
    let contributors = report["Contributors"].as_array().into_iter().flatten();
    let keys =
        contributors.map(|one| json!({ "key": one["Keys"], "value": one["ApproximateAggregateValue"] }));
    Ok(json!({
        "index": index,
        "ranking": name,
        "unit": unit,
        "total": report["AggregateValue"],
        "keys": keys.collect::<Vec<_>>(),
    }))
}

fn nothing_ranked(arguments: &Arguments) -> String {
    let (table, index) = (&arguments.table, arguments.index.as_deref());
    let what = index.map_or_else(|| format!("table {table}"), |index| format!("index {index} of {table}"));
    let named = index.map(|index| format!(" --index {index}")).unwrap_or_default();
    format!("the keys of {what} are not ranked; begin with: stator hot-keys {table}{named} --enable")
}
