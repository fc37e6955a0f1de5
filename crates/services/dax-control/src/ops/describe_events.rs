//! DescribeEvents: what was done to clusters and groups within a time, the last hour where none is named.
//!
//! Order of refusals: the model's constraints; the page; that a source has its type; the times.

use super::{constraints, on_cluster};
use crate::errors;
use crate::event::{self, Event};
use crate::page::Page;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{DescribeEvents, DescribeEventsInput, DescribeEventsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const DURATION_MINUTES_DEFAULT: i64 = 60;
const MICROS_PER_MINUTE: i64 = 60_000_000;

impl Operation<DaxControl> for DescribeEvents {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeEventsInput> = Validation::Own;
    type Plan = (DescribeEventsInput, Page);

    fn check(input: DescribeEventsInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        if input.source_name.is_some() && input.source_type.is_none() {
            return Err(errors::invalid_combination("SourceType must be given with SourceName."));
        }
        if input.duration.is_some_and(|minutes| minutes <= 0) {
            return Err(errors::invalid_value("Duration must be above 0."));
        }
        if let (Some(start), Some(end)) = (input.start_time, input.end_time)
            && start > end
        {
            return Err(errors::invalid_combination("StartTime must not be behind EndTime."));
        }
        Ok((input, page))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:DescribeEvents", None).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (input, page): Self::Plan,
    ) -> Result<DescribeEventsOutput, ApiError> {
        let (start, end) = times(&input, cx.now_micros);
        let mut events: Vec<Event> = cx.service.all(cx, event::KIND).await?;
        let source = input.source_name.map(|name| name.to_ascii_lowercase());
        events.retain(|event| {
            (start..=end).contains(&event.at_micros)
                && input.source_type.as_deref().is_none_or(|of| of == event.of.name())
                && source.as_ref().is_none_or(|source| *source == event.source)
        });
        events.reverse();
        let (events, next_token) = page.cut(events);
        Ok(DescribeEventsOutput { next_token, events: Some(events.iter().map(Event::shown).collect()) })
    }
}

/// From when to when, within what is kept.
fn times(input: &DescribeEventsInput, now_micros: u64) -> (u64, u64) {
    let micros = |seconds: f64| (seconds.max(0.0) * 1e6) as u64;
    let length = input.duration.unwrap_or(DURATION_MINUTES_DEFAULT).saturating_mul(MICROS_PER_MINUTE) as u64;
    let end = match (input.end_time, input.start_time, input.duration) {
        (Some(end), ..) => micros(end),
        (None, Some(start), Some(_)) => micros(start).saturating_add(length),
        _ => now_micros,
    };
    let start = input.start_time.map_or_else(|| end.saturating_sub(length), micros);
    (start.max(now_micros.saturating_sub(event::KEPT_MICROS)), end)
}
