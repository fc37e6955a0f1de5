//! How a call went, and what becomes of its batch.

use super::{BACKOFF_MICROS, BACKOFF_MICROS_MAX, Lane, Piece};
use crate::report::{Condition, Ends, LastResponse, Report};
use crate::response::{self, Verdict};
use crate::source::SourceKind;

/// How long a table's stream keeps its records.
const RETENTION_MICROS: u64 = 24 * 3_600 * 1_000_000;

/// How a call of the function went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It ran, and returned something or failed.
    Ran {
        /// What it returned, as JSON.
        payload: Vec<u8>,
        /// What is told if its records are given up; with a kind of error where it failed.
        response: LastResponse,
    },
    /// It did not run: too many calls at once, or something broke on the way. Does not count as an attempt.
    DidNotRun,
}

impl Lane {
    /// The call of the last [`super::Step::Invoke`] went so.
    pub fn answered(&mut self, now_micros: u64, answer: Answer) {
        match answer {
            Answer::DidNotRun => self.back_off(now_micros),
            Answer::Ran { response, .. } if self.progress.pieces.is_empty() => {
                self.window_answered(now_micros, response);
            }
            Answer::Ran { payload, response } => self.batch_answered(now_micros, &payload, response),
        }
    }

    fn batch_answered(&mut self, now_micros: u64, payload: &[u8], response: LastResponse) {
        let records = self.records_of_piece();
        let (verdict, state) = match response.function_error {
            Some(_) => (Verdict::Failed, None),
            None => response::read(&self.settings, payload, |number| self.position(records, number)),
        };
        self.is_unsaved = true;
        self.progress.pieces[0].invocations += 1;
        let done = match verdict {
            Verdict::Done => records,
            Verdict::DoneBefore(done) => done,
            Verdict::Failed => 0,
        };
        if done > 0 {
            self.failures = 0;
            self.drop_front(done);
            if let (Some(window), Some(state)) = (&mut self.progress.window, state) {
                window.state = state;
            }
        }
        if done == records {
            return self.finish_piece();
        }
        self.batch_failed(now_micros, done == 0, response);
    }

    /// Of the records of the piece, all or those from the function's checkpoint on.
    fn batch_failed(&mut self, now_micros: u64, is_whole: bool, response: LastResponse) {
        let (records, piece) = (self.records_of_piece(), self.progress.pieces[0]);
        if is_whole && records > 1 && self.settings.bisect_batch_on_function_error {
            let middle = self.queue[records / 2 - 1].record.place;
            self.progress.pieces.splice(..1, [Piece::new(middle), Piece::new(piece.until)]);
            self.back_off(now_micros);
        } else if self.settings.gives_up_after(piece.invocations) {
            let report = self.report(Condition::RetryAttemptsExhausted, records, piece.invocations);
            self.untold.push_back(Report { response: Some(response), ..report });
            self.drop_front(records);
            self.failures = 0;
            self.finish_piece();
        } else {
            self.back_off(now_micros);
        }
    }

    /// The call that ends a window returns nothing that is needed.
    fn window_answered(&mut self, now_micros: u64, response: LastResponse) {
        let Some(window) = &mut self.progress.window else { return };
        window.invocations += 1;
        let invocations = window.invocations;
        self.is_unsaved = true;
        if response.function_error.is_none() {
            self.failures = 0;
            self.progress.window = None;
        } else if self.settings.gives_up_after(invocations) {
            let report = self.report(Condition::RetryAttemptsExhausted, 0, invocations);
            self.untold.push_back(Report { response: Some(response), ..report });
            self.failures = 0;
            self.progress.window = None;
        } else {
            self.back_off(now_micros);
        }
    }

    /// Gives up the first records of the piece that have become too old. False: none has.
    pub(super) fn give_up_aged(&mut self, now_micros: u64) -> bool {
        let oldest = now_micros.saturating_sub(self.age_micros_max());
        let records = self.records_of_piece();
        let aged = self.queue.iter().take(records).take_while(|queued| queued.record.arrived_micros < oldest);
        let aged = aged.count();
        if aged == 0 {
            return false;
        }
        let report = self.report(Condition::RecordAgeExceeded, aged, self.progress.pieces[0].invocations);
        self.untold.push_back(report);
        self.drop_front(aged);
        self.is_unsaved = true;
        if aged == records {
            self.finish_piece();
        }
        true
    }

    /// How old a record may be. Streams of tables keep records for a day; those of Kinesis know best how long.
    fn age_micros_max(&self) -> u64 {
        let kept = match self.source.kind {
            SourceKind::DynamoDb => RETENTION_MICROS,
            SourceKind::Kinesis => u64::MAX,
        };
        self.settings.age_micros().map_or(kept, |age| age.min(kept))
    }

    /// Nothing of the first piece is left.
    pub(super) fn finish_piece(&mut self) {
        let piece = self.progress.pieces.remove(0);
        self.progress.after = self.progress.after.max(piece.until);
        self.pass_over();
    }

    /// How many records the first piece has.
    pub(super) fn records_of_piece(&self) -> usize {
        let until = self.progress.pieces[0].until;
        self.queue.partition_point(|queued| queued.record.place <= until)
    }

    fn position(&self, records: usize, number: &str) -> Option<usize> {
        self.queue.iter().take(records).position(|queued| queued.record.sequence_number == number)
    }

    fn back_off(&mut self, now_micros: u64) {
        let wait = BACKOFF_MICROS.saturating_mul(1 << self.failures.min(20)).min(BACKOFF_MICROS_MAX);
        self.failures = self.failures.saturating_add(1);
        self.wait_until_micros = now_micros + wait;
    }

    fn report(&self, condition: Condition, records: usize, invocations: u32) -> Report {
        let ends = |index: usize| {
            let record = &self.queue.get(index)?.record;
            let (sequence_number, arrived_micros) = (record.sequence_number.clone(), record.arrived_micros);
            Some(Ends { sequence_number, arrived_micros })
        };
        let (first, last) = match records.checked_sub(1) {
            Some(last) => (ends(0), ends(last)),
            None => (None, None),
        };
        let (batch_size, records) = (records, self.records_json(records));
        Report { condition, invocations, batch_size, first, last, response: None, records }
    }
}
