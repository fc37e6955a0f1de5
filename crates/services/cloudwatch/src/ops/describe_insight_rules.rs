//! DescribeInsightRules: the rules that rank the keys of tables, in the order of their names, page by page. Rules of
//! one's own, over logs, are not built.
//!
//! Order of refusals: the model's constraints, all together; the token.

use crate::insights;
use crate::service::CloudWatch;
use crate::token;
use figures::hot_keys::Rule;
use model::ApiError;
use model::cloudwatch::{
    self as shapes, DescribeInsightRules, DescribeInsightRulesInput, DescribeInsightRulesOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const RULES_A_PAGE: usize = 500;

impl Operation<CloudWatch> for DescribeInsightRules {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeInsightRulesInput> = Validation::MODEL;
    type Plan = DescribeInsightRulesInput;

    fn check(input: DescribeInsightRulesInput) -> Result<DescribeInsightRulesInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a DescribeInsightRulesInput) -> Access<'a> {
        Need::new("cloudwatch:DescribeInsightRules", "*").into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatch>,
        input: DescribeInsightRulesInput,
    ) -> Result<DescribeInsightRulesOutput, ApiError> {
        let after = input.next_token.as_deref().map(token::text).transpose()?;
        let limit = input.max_results.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(RULES_A_PAGE);
        let mut rules = cx.service.insights.rules_of(cx.service.owner(cx)).await;
        rules.retain(|rule| after.as_ref().is_none_or(|after| rule.name > *after));
        let is_last = rules.len() <= limit;
        rules.truncate(limit);
        let next_token = rules.last().filter(|_| !is_last).map(|rule| token::of_text(&rule.name));
        Ok(DescribeInsightRulesOutput { insight_rules: Some(rules.iter().map(shown).collect()), next_token })
    }
}

fn shown(rule: &Rule) -> shapes::InsightRule {
    let keys: Vec<_> = insights::key_labels(rule).iter().map(|label| format!("\"$.{label}\"")).collect();
    let definition = format!(
        "{{\"Schema\":{SCHEMA},\"AggregateOn\":\"Sum\",\"Contribution\":{{\"Keys\":[{}],\"ValueOf\":\"$.{}\",\
         \"Filters\":[]}}}}",
        keys.join(","),
        insights::value_of(rule)
    );
    shapes::InsightRule {
        name: Some(rule.name.clone()),
        state: Some("ENABLED".to_owned()),
        schema: Some(SCHEMA.to_owned()),
        definition: Some(definition),
        managed_rule: Some(true),
        ..shapes::InsightRule::default()
    }
}

const SCHEMA: &str = "{\"Name\":\"ServiceLogRule\",\"Version\":1}";
