//! DescribeAlarmHistory: what has happened to an alarm or to all, newest first, 100 a page.
//!
//! Order of refusals: the model's constraints, all together; the token.

use crate::alarms::Item;
use crate::errors;
use crate::service::CloudWatch;
use crate::shown::seconds;
use crate::token;
use model::ApiError;
use model::cloudwatch::{
    AlarmHistoryItem, DescribeAlarmHistory, DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const ITEMS_A_PAGE: i64 = 100;

impl Operation<CloudWatch> for DescribeAlarmHistory {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeAlarmHistoryInput> = Validation::MODEL;
    type Plan = DescribeAlarmHistoryInput;

    fn check(input: DescribeAlarmHistoryInput) -> Result<DescribeAlarmHistoryInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, _: &'a DescribeAlarmHistoryInput) -> Access<'a> {
        Need::new("cloudwatch:DescribeAlarmHistory", "*").into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatch>,
        input: DescribeAlarmHistoryInput,
    ) -> Result<DescribeAlarmHistoryOutput, ApiError> {
        let skip = input.next_token.as_deref().map(token::text).transpose()?;
        let skip =
            skip.map(|text| text.parse::<usize>().map_err(|_| errors::invalid_next_token())).transpose()?;
        let (skip, size) = (skip.unwrap_or_default(), input.max_records.unwrap_or(ITEMS_A_PAGE) as usize);
        let history = cx.service.alarms.history(cx.service.owner(cx), input.alarm_name.as_deref()).await;
        let mut items = history.map_err(errors::record)?;
        items.retain(|item| takes(&input, item));
        if input.scan_by.as_deref() != Some("TimestampAscending") {
            items.reverse();
        }
        let has_more = items.len() > skip.saturating_add(size);
        let page = items.into_iter().skip(skip).take(size);
        Ok(DescribeAlarmHistoryOutput {
            alarm_history_items: Some(page.map(shown).collect()),
            next_token: has_more.then(|| token::of_text(&(skip + size).to_string())),
        })
    }
}

fn takes(input: &DescribeAlarmHistoryInput, item: &Item) -> bool {
    let at = item.at_micros as f64 / 1e6;
    input.history_item_type.as_ref().is_none_or(|kind| kind == item.kind.name())
        && input.alarm_types.as_ref().is_none_or(|types| types.contains(&item.alarm_kind))
        && input.start_date.is_none_or(|start| at >= start)
        && input.end_date.is_none_or(|end| at <= end)
}

fn shown(item: Item) -> AlarmHistoryItem {
    AlarmHistoryItem {
        alarm_name: Some(item.alarm),
        alarm_type: Some(item.alarm_kind),
        timestamp: seconds(item.at_micros),
        history_item_type: Some(item.kind.name().to_owned()),
        history_summary: Some(item.summary),
        history_data: Some(item.data),
        ..AlarmHistoryItem::default()
    }
}
