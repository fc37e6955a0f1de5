//! One lane: does what it says, step by step.

use super::RETRY;
use super::mapping_task::MappingTask;
use crate::call::{Call, Called, GivenUp};
use crate::lane::{Answer, Event, EventSource, Lane, Page, Progress, Step, Wanted};
use crate::mappings::LaneId;
use crate::reader::{ReadError, Reader};
use crate::report::{LastResponse, Origin, Report};
use crate::source::SourceKind;
use serde_json::Value;
use std::sync::Arc;
use store::documents::ChangeError;
use store::lease::Lease;

/// The task of a lane.
pub(super) struct LaneTask {
    pub(super) mapping: Arc<MappingTask>,
    pub(super) lease: Lease,
    pub(super) reader: Reader,
    pub(super) lane: LaneId,
    pub(super) kind: SourceKind,
}

/// Why a lane does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The shard was read to its end, and all of it is done.
    Shard,
    /// The mapping is stopped, or the stream is gone.
    Stopped,
    /// There is no such mapping any more.
    MappingGone,
    /// Another server has the mapping now.
    LeaseLost,
}

impl LaneTask {
    /// Runs as long as the lane may.
    pub(super) async fn run(self, progress: Progress) -> (LaneId, End) {
        let mapping = &self.mapping.mapping;
        let (arn, shard_id) = (mapping.event_source_arn.clone(), self.lane.shard.clone());
        let source = EventSource { arn, shard_id, kind: self.kind };
        let mut lane = Lane::new(mapping.settings.clone(), source, progress);
        loop {
            if let Err(end) = self.step(&mut lane).await {
                // What it has read and left out counts where it goes on with other settings.
                if end == End::Stopped && self.mapping.is_stopped() {
                    _ = self.save(&mut lane).await;
                }
                return (self.lane, end);
            }
        }
    }

    async fn step(&self, lane: &mut Lane) -> Result<(), End> {
        let step = lane.next(self.now());
        let may_end = !matches!(step, Step::Tell(_) | Step::Save);
        if may_end && self.mapping.is_stopped() {
            return Err(End::Stopped);
        }
        match step {
            Step::Tell(report) => {
                self.tell(report).await;
                lane.told();
            }
            Step::Save => self.save(lane).await?,
            Step::Invoke(event) => {
                let answer = self.invoke(event).await;
                lane.answered(self.now(), answer);
            }
            Step::Wait(until) => tokio::select! {
                () = self.mapping.poller.at(until) => {}
                () = self.mapping.until_stopped() => {}
            },
            Step::Read(wanted) => {
                let began = self.now();
                if !self.mapping.may_read(began).await {
                    self.pause().await;
                } else if let Some(page) = self.read(wanted, began).await? {
                    lane.read(began, page);
                }
            }
            Step::Ended => return Err(End::Shard),
        }
        Ok(())
    }

    /// Until what is wrong is looked at again.
    async fn pause(&self) {
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = self.mapping.until_stopped() => {}
        }
    }

    fn now(&self) -> u64 {
        self.mapping.poller.clock.now_micros()
    }

    /// Waits where there is nothing to read, until there is, or until the lane wants to go on without.
    async fn read(&self, wanted: Wanted, now_micros: u64) -> Result<Option<Page>, End> {
        let page = match self.reader.read(wanted, now_micros).await {
            Ok(page) => page,
            Err(ReadError::SourceGone) => return Err(End::Stopped),
            Err(ReadError::Store(error)) => {
                tracing::warn!(%error, mapping = self.mapping.mapping.uuid, "the stream cannot be read");
                tokio::time::sleep(RETRY).await;
                return Ok(None);
            }
        };
        let is_due = wanted.until_micros.is_some_and(|until| until <= now_micros);
        if page.seen == 0 && page.is_caught_up && !page.is_end && !is_due {
            let due = async {
                match wanted.until_micros {
                    Some(until) => self.mapping.poller.at(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.reader.changed(page.read_to) => {}
                () = due => {}
                () = self.mapping.until_stopped() => {}
            }
        }
        Ok(Some(page))
    }

    async fn save(&self, lane: &mut Lane) -> Result<(), End> {
        let MappingTask { poller, mapping, .. } = &*self.mapping;
        match poller.mappings.save(&self.lease, self.now(), mapping, &self.lane, lane.progress()).await {
            Ok(true) => lane.saved(),
            Ok(false) => return Err(End::MappingGone),
            Err(ChangeError::LeaseLost) => return Err(End::LeaseLost),
            Err(ChangeError::Record(error)) => {
                tracing::warn!(%error, mapping = mapping.uuid, "the progress was not saved");
                tokio::time::sleep(RETRY).await;
            }
        }
        Ok(())
    }

    async fn invoke(&self, event: Event) -> Answer {
        let MappingTask { poller, mapping, .. } = &*self.mapping;
        let age = event.newest_micros.map(|newest| self.now().saturating_sub(newest));
        let function_arn = mapping.function_arn.clone();
        let call = Call { function_arn, payload: event.payload, iterator_age_micros: age };
        match (poller.invoke)(call).await {
            Called::Ran { payload, function_error, executed_version, request_id } => {
                match &function_error {
                    None => self.mapping.note("OK").await,
                    Some(_) => self.failed(&payload, &request_id).await,
                }
                let response = LastResponse { function_error, executed_version, request_id };
                Answer::Ran { payload, response }
            }
            Called::DidNotRun { why } => {
                tracing::warn!(
                    mapping = mapping.uuid,
                    function = mapping.function_arn,
                    why,
                    "a function did not run"
                );
                self.mapping.note(&format!("PROBLEM: {why}")).await;
                Answer::DidNotRun
            }
        }
    }

    /// Makes the failure of a function easy to find: in the log, and in what the API shows of the mapping.
    async fn failed(&self, payload: &[u8], request_id: &str) {
        let (mapping, error) = (&self.mapping.mapping, described(payload));
        tracing::warn!(
            mapping = mapping.uuid,
            function = mapping.function_arn,
            request_id,
            error,
            "a function failed"
        );
        self.mapping.note(&format!("PROBLEM: Function call failed. {error}")).await;
    }

    async fn tell(&self, report: Report) {
        let MappingTask { poller, mapping, .. } = &*self.mapping;
        let origin = Origin {
            function_arn: unqualified(&mapping.function_arn),
            stream_arn: &mapping.event_source_arn,
            kind: self.kind,
            shard_id: &self.lane.shard,
            request_id: &mapping.uuid,
            now_micros: self.now(),
        };
        let (document, destination) = (report.document(origin), mapping.on_failure.clone());
        let condition = report.condition.name();
        tracing::warn!(
            mapping = mapping.uuid,
            condition,
            records = report.batch_size,
            "records were given up: {document}"
        );
        let given_up = GivenUp {
            mapping: mapping.uuid.clone(),
            function_arn: mapping.function_arn.clone(),
            shard_id: self.lane.shard.clone(),
            destination,
            document,
            given_up_micros: origin.now_micros,
            records: report.records,
        };
        (poller.tell)(given_up).await;
    }
}

/// Type and message of a failure, as far as the function's answer tells them.
fn described(payload: &[u8]) -> String {
    const CHARS_MAX: usize = 300;
    let answer: Value = serde_json::from_slice(payload).unwrap_or_default();
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, message) = (text("errorType"), text("errorMessage"));
    let described = if kind.is_empty() { message } else { format!("{kind}: {message}") };
    described.chars().take(CHARS_MAX).collect()
}

/// A function's ARN without version or alias.
fn unqualified(arn: &str) -> &str {
    let end = arn.match_indices(':').nth(6).map_or(arn.len(), |(at, _)| at);
    &arn[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_described_in_a_line() {
        let answer = br#"{"errorMessage":"no such user","errorType":"KeyError","stackTrace":[]}"#;
        assert_eq!(described(answer), "KeyError: no such user");
        assert_eq!(described(b"not JSON"), "");
        assert_eq!(described(format!(r#"{{"errorMessage":"{}"}}"#, "x".repeat(999)).as_bytes()).len(), 300);
    }

    #[test]
    fn a_qualifier_is_the_eighth_part_of_an_arn() {
        let arn = "arn:aws:lambda:eu-west-1:000000000000:function:f";
        assert_eq!((unqualified(arn), unqualified(&format!("{arn}:live"))), (arn, arn));
    }
}
