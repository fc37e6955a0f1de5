//! DescribeLogGroups: the groups of a region in the order of their names, by prefix or by a part of the name.

use crate::errors;
use crate::group::{Group, Region};
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{DescribeLogGroups, DescribeLogGroupsInput, DescribeLogGroupsOutput, LogGroup};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 50;
/// Groups that one request looks at.
const GROUPS_MAX: usize = 100_000;

impl Operation<CloudWatchLogs> for DescribeLogGroups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeLogGroupsInput> = Validation::Own;
    type Plan = DescribeLogGroupsInput;

    fn check(input: DescribeLogGroupsInput) -> Result<DescribeLogGroupsInput, ApiError> {
        constraints(&input)?;
        if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
            return Err(errors::prefix_and_pattern());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a DescribeLogGroupsInput) -> Access<'a> {
        _ = (cx, input);
        Need::new("logs:DescribeLogGroups", "*").into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: DescribeLogGroupsInput,
    ) -> Result<DescribeLogGroupsOutput, ApiError> {
        let (logs, region) = (&cx.service.logs, region(cx.caller));
        let limit = input.limit.unwrap_or(PAGE_MAX) as usize;
        let pattern = input.log_group_name_pattern.as_ref().map(|pattern| pattern.to_lowercase());
        let takes = |name: &str| {
            let has_prefix =
                input.log_group_name_prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix));
            has_prefix && pattern.as_ref().is_none_or(|pattern| name.to_lowercase().contains(pattern))
        };
        let after = input.next_token.as_deref().map(|after| region.group_key(after));
        let listed = logs.documents().list::<Group>(region.groups(), after.as_ref(), GROUPS_MAX).await;
        let mut found = listed.map_err(errors::record)?.into_iter().filter(|(key, _)| takes(&key.id));
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let next_token = found.next().and(page.last().map(|(key, _)| key.id.clone()));
        let shown = page.into_iter().map(|(key, group)| shown(&region, key.id, group, pattern.is_none()));
        Ok(DescribeLogGroupsOutput { log_groups: Some(shown.collect()), next_token })
    }
}

/// How much is stored is not counted; where groups are looked for by a part of the name, AWS leaves it out.
fn shown(region: &Region, name: String, group: Group, with_bytes: bool) -> LogGroup {
    let arn = region.group_arn(&name);
    LogGroup {
        creation_time: Some(group.created_millis as i64),
        retention_in_days: group.retention_days.map(|days| days as i64),
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        log_group_arn: Some(arn),
        stored_bytes: with_bytes.then_some(0),
        log_group_class: Some(group.class.unwrap_or_else(|| "STANDARD".to_owned())),
        deletion_protection_enabled: Some(false),
        log_group_name: Some(name),
        ..LogGroup::default()
    }
}
