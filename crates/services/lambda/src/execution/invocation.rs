//! One call in a process, from START to REPORT: the process is given the event and answers, fails, ends, or takes too
//! long. Meanwhile what it prints is read.

use super::executor::Call;
use super::process::Process;
use super::runtime_api::{Event, Message, PAYLOAD_BYTES_MAX};
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;
use stdx::Clock;

/// How long a process may take to begin, beside the time that its function has for a call.
const INIT_PATIENCE: Duration = Duration::from_secs(10);

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoked {
    /// 200 for a call that ran, whether or not the function failed; 202 for one that will run; 204 for one that only
    /// was checked.
    pub status: u16,
    /// `Unhandled` if the function failed: the payload then is its error.
    pub function_error: Option<&'static str>,
    /// What it answered.
    pub payload: Bytes,
    /// The end of what it printed, 4 KB at most.
    pub log_tail: Bytes,
    /// How long it took, without what came before the handler.
    pub duration: Duration,
    /// How long its process took to begin, where it had to be started.
    pub cold_start: Option<Duration>,
    /// `$LATEST` or the number of the version that ran.
    pub executed_version: String,
}

impl Invoked {
    /// What a call is answered with that has no answer of a function.
    pub(crate) fn without_answer(status: u16, executed_version: String) -> Self {
        let (payload, log_tail) = (Bytes::new(), Bytes::new());
        let (function_error, duration, cold_start) = (None, Duration::ZERO, None);
        Invoked { status, function_error, payload, log_tail, duration, cold_start, executed_version }
    }
}

impl Invoked {
    /// What a call is answered with whose package has no bootstrap that can be executed.
    pub(super) fn without_entrypoint(call: &Call, why: &str) -> Self {
        let message = format!(
            "RequestId: {} Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap]: {why}",
            call.request_id
        );
        let payload =
            json!({ "errorType": "Runtime.InvalidEntrypoint", "errorMessage": message }).to_string().into();
        let failed = Invoked::without_answer(200, call.number.clone());
        Invoked { function_error: Some("Unhandled"), payload, ..failed }
    }
}

/// How a call in a process ended.
#[derive(Debug)]
enum Ended {
    Answered(Bytes),
    Failed(Bytes),
    /// The process cannot be used again.
    Lost(Bytes),
}

/// A call in its process.
pub(super) struct Running<'a> {
    pub(super) call: &'a Call,
    pub(super) process: &'a mut Process,
    pub(super) clock: &'a dyn Clock,
    /// When the process was started, for this call.
    pub(super) started: Option<Duration>,
}

impl Running<'_> {
    /// Runs the call. False if the process is of no further use.
    pub(super) async fn run(mut self) -> (Invoked, bool) {
        let init = match self.started {
            Some(started) => self.begin(started).await,
            None => Ok(None),
        };
        let request_id = &self.call.request_id;
        self.print(&format!("START RequestId: {request_id} Version: {}", self.call.number));
        let begun = self.clock.monotonic();
        let (ended, cold_start) = match init {
            Ok(cold_start) => (self.handle().await, cold_start),
            Err(lost) => (Ended::Lost(lost), None),
        };
        let duration = self.clock.monotonic().saturating_sub(begun);
        self.process.pipe.drain(&mut self.process.printed, self.clock);
        self.print(&format!("END RequestId: {request_id}"));
        self.print(&self.report(duration, cold_start));
        let (function_error, payload, is_usable) = match ended {
            Ended::Answered(payload) => (None, payload, true),
            Ended::Failed(error) => (Some("Unhandled"), error, true),
            Ended::Lost(error) => (Some("Unhandled"), error, false),
        };
        let executed_version = self.call.number.clone();
        let log_tail = self.process.printed.tail();
        let invoked = Invoked {
            status: 200,
            function_error,
            payload,
            log_tail,
            duration,
            cold_start,
            executed_version,
        };
        (invoked, is_usable)
    }

    /// Waits until the process asks for its first event; the error that the call is answered with if it does not.
    async fn begin(&mut self, started: Duration) -> Result<Option<Duration>, Bytes> {
        let patience = INIT_PATIENCE + self.timeout();
        match self.next(patience).await {
            Next::Said(Message::InitError(error)) => Err(error),
            Next::Said(_) => Ok(Some(self.clock.monotonic().saturating_sub(started))),
            Next::Ended(status) => Err(self.exit_error(status)),
            Next::TooLate => Err(self.timeout_error()),
        }
    }

    /// Gives the process the event and waits for its answer.
    async fn handle(&mut self) -> Ended {
        let timeout = self.timeout();
        let deadline = self.clock.monotonic() + timeout;
        let event = Event {
            request_id: self.call.request_id.clone(),
            deadline_millis: self.clock.now_micros() / 1_000 + timeout.as_millis() as u64,
            function_arn: self.call.arn.to_string(),
            client_context: self.call.client_context.clone(),
            payload: self.call.payload.clone(),
        };
        if self.process.line.events.try_send(event).is_err() {
            return Ended::Lost(self.exit_error(None));
        }
        loop {
            let left = deadline.saturating_sub(self.clock.monotonic());
            match self.next(left).await {
                Next::Said(Message::Answer { request_id, body }) if request_id == self.call.request_id => {
                    return answered(body);
                }
                Next::Said(Message::Error { request_id, body }) if request_id == self.call.request_id => {
                    return Ended::Failed(body);
                }
                Next::Said(Message::TooLarge { request_id }) if request_id == self.call.request_id => {
                    return Ended::Failed(too_large());
                }
                Next::Said(Message::InitError(error)) => return Ended::Lost(error),
                // That it asks for an event, or speaks of an earlier one.
                Next::Said(_) => {}
                Next::Ended(status) => return Ended::Lost(self.exit_error(status)),
                Next::TooLate => {
                    let error = self.timeout_error();
                    self.print_timeout();
                    return Ended::Lost(error);
                }
            }
        }
    }

    /// What the process does next. What it prints is read until then.
    async fn next(&mut self, patience: Duration) -> Next {
        let late = tokio::time::sleep(patience);
        tokio::pin!(late);
        let (clock, Process { line, pipe, printed, child, .. }) = (self.clock, &mut *self.process);
        // An answer that came before the process ended counts.
        loop {
            tokio::select! {
                biased;
                Some(message) = line.messages.recv() => return Next::Said(message),
                () = &mut late => return Next::TooLate,
                bytes = pipe.read() => printed.add(bytes, clock),
                status = child.wait() => return Next::Ended(status.ok()),
            }
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.call.version.timeout_seconds)
    }

    fn print(&mut self, line: &str) {
        self.process.printed.add_line(line, self.clock);
    }

    fn print_timeout(&mut self) {
        let (date, time) = crate::describe::date_and_time(self.clock.now_micros());
        let millis = self.clock.now_micros() / 1_000 % 1_000;
        let text = format!(
            "{date}T{time}.{millis:03}Z {} Task timed out after {:.2} seconds",
            self.call.request_id,
            self.timeout().as_secs_f64()
        );
        self.process.pipe.drain(&mut self.process.printed, self.clock);
        self.print(&text);
    }

    fn timeout_error(&self) -> Bytes {
        let text = format!("Task timed out after {:.2} seconds", self.timeout().as_secs_f64());
        self.error("Sandbox.Timedout", &text)
    }

    fn exit_error(&self, status: Option<ExitStatus>) -> Bytes {
        let how = match status.map(|status| (status.code(), status.signal())) {
            None | Some((Some(0), _) | (None, None)) => {
                "Runtime exited without providing a reason".to_owned()
            }
            Some((Some(code), _)) => format!("Runtime exited with error: exit status {code}"),
            Some((None, Some(signal))) => {
                format!("Runtime exited with error: signal: {}", signal_name(signal))
            }
        };
        self.error("Runtime.ExitError", &how)
    }

    fn error(&self, error_type: &str, text: &str) -> Bytes {
        let message = format!("RequestId: {} Error: {text}", self.call.request_id);
        json!({ "errorType": error_type, "errorMessage": message }).to_string().into()
    }

    fn report(&self, duration: Duration, cold_start: Option<Duration>) -> String {
        let millis = |duration: Duration| duration.as_secs_f64() * 1_000.0;
        let memory_mb = self.call.version.memory_mb;
        let mut report = format!(
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {memory_mb} MB\tMax Memory \
             Used: {} MB\t",
            self.call.request_id,
            millis(duration),
            millis(duration + cold_start.unwrap_or_default()).ceil(),
            self.process.memory_mb().unwrap_or(memory_mb),
        );
        if let Some(cold_start) = cold_start {
            report += &format!("Init Duration: {:.2} ms\t", millis(cold_start));
        }
        report
    }
}

enum Next {
    Said(Message),
    Ended(Option<ExitStatus>),
    TooLate,
}

/// An answer is JSON, whoever has written it.
fn answered(body: Bytes) -> Ended {
    if body.len() > PAYLOAD_BYTES_MAX {
        return Ended::Failed(too_large());
    }
    match serde_json::from_slice::<IgnoredAny>(&body) {
        Ok(_) => Ended::Answered(body),
        Err(error) => Ended::Failed(
            json!({
                "errorType": "Function.InvalidResponse",
                "errorMessage": format!("The function's response is not JSON: {error}"),
            })
            .to_string()
            .into(),
        ),
    }
}

fn too_large() -> Bytes {
    let error: Value = json!({
        "errorMessage": format!(
            "Response payload size exceeded maximum allowed payload size ({PAYLOAD_BYTES_MAX} bytes)."
        ),
        "errorType": "Function.ResponseSizeTooLarge",
    });
    error.to_string().into()
}

fn signal_name(signal: i32) -> String {
    let known = [
        (6, "aborted"),
        (9, "killed"),
        (11, "segmentation fault"),
        (15, "terminated"),
        (25, "file size limit exceeded"),
    ];
    known
        .iter()
        .find(|(number, _)| *number == signal)
        .map_or_else(|| signal.to_string(), |(_, name)| (*name).to_owned())
}
