//! Calls that are made again: a server that restarts or is throttled is waited for.

use super::end::End;
use super::trouble;
use crate::Stop;
use crate::client::{Api, CallError, Client};
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

const FIRST_WAIT: Duration = Duration::from_millis(200);
const WAIT_MAX: Duration = Duration::from_secs(2);
/// So many refusals in a row are not reported.
const QUIET_TRIES: u32 = 5;

/// Calls one server, with retries.
pub(super) struct Caller<'a> {
    client: &'a Client,
    stop: &'a Stop,
    reader_is_gone: &'a dyn Fn() -> bool,
    notices: &'a mut dyn Write,
    has_answered: bool,
}

/// Why a call has no result that is worth another try.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server's answer.
    Call(CallError),
    /// The command ends.
    End(End),
}

impl<'a> Caller<'a> {
    pub(super) fn new(
        client: &'a Client,
        stop: &'a Stop,
        reader_is_gone: &'a dyn Fn() -> bool,
        notices: &'a mut dyn Write,
    ) -> Self {
        Caller { client, stop, reader_is_gone, notices, has_answered: false }
    }

    pub(super) fn client(&self) -> &Client {
        self.client
    }

    /// Calls until there is an answer. A server that never answered is not waited for: it is not there.
    pub(super) fn call(&mut self, api: Api, operation: &str, input: &Value) -> Result<Value, Failure> {
        let (mut wait, mut tries, mut said) = (FIRST_WAIT, 0, false);
        loop {
            let result = self.client.call(api, operation, input);
            let is_unreachable = matches!(result, Err(CallError::Unreachable(_)));
            self.has_answered |= !is_unreachable;
            let error = match result {
                Err(error) if error.is_passing() && self.has_answered => error,
                other => {
                    if said {
                        self.say("going on");
                    }
                    return other.map_err(Failure::Call);
                }
            };
            if !said && (is_unreachable || tries >= QUIET_TRIES) {
                let place = self.client.place();
                let text = if is_unreachable {
                    format!("lost {}", place.url())
                } else {
                    trouble::sentence(&error, place)
                };
                self.say(&format!("{text}; trying again until it answers"));
                said = true;
            }
            self.wait(wait).map_err(Failure::End)?;
            (wait, tries) = ((wait * 2).min(WAIT_MAX), tries + 1);
        }
    }

    /// Waits as long, unless the command ends.
    pub(super) fn wait(&self, duration: Duration) -> Result<(), End> {
        if self.stop.within(duration) {
            Err(End::Stopped)
        } else if (self.reader_is_gone)() {
            Err(End::ReaderGone)
        } else {
            Ok(())
        }
    }

    /// Prints a message that is no change; a failure to print is ignored.
    pub(super) fn say(&mut self, text: &str) {
        _ = self.notices.write_all(format!("stator: {text}\n").as_bytes());
    }

    /// The sentence with which a failure ends the command.
    pub(super) fn end(&self, failure: Failure) -> End {
        match failure {
            Failure::Call(error) => End::Failed(trouble::sentence(&error, self.client.place())),
            Failure::End(end) => end,
        }
    }
}
