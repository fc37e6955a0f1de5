//! The end of a command by a signal, and waits that it interrupts.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Ends a command once something was sent.
#[derive(Debug)]
pub struct Stop(Receiver<()>);

impl Stop {
    /// Ends the command at the first message. A dropped sender never sends one.
    pub fn at(requests: Receiver<()>) -> Stop {
        Stop(requests)
    }

    /// Waits as long, or until a signal ends the command: then it returns true.
    pub fn within(&self, duration: Duration) -> bool {
        match self.0.recv_timeout(duration) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::park_timeout(duration);
                false
            }
        }
    }
}
