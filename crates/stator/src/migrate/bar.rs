//! How far a long command has come: a bar where somebody looks at it, otherwise a line every ten seconds.

use crate::stderr;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use stdx::{Clock, SystemClock};

const WIDTH: u64 = 40;
const OFTEN: Duration = Duration::from_millis(200);
const SELDOM: Duration = Duration::from_secs(10);

/// A count that goes up to about a number.
pub(super) struct Bar {
    what: &'static str,
    done: u64,
    about: u64,
    is_seen: bool,
    is_drawn: bool,
    shown: Duration,
}

impl Bar {
    pub(super) fn new(what: &'static str, about: u64) -> Bar {
        let (is_seen, shown) = (io::stderr().is_terminal(), SystemClock.monotonic());
        Bar { what, done: 0, about, is_seen, is_drawn: false, shown }
    }

    pub(super) fn more(&mut self, count: usize) {
        self.at(self.done + count as u64);
    }

    pub(super) fn at(&mut self, done: u64) {
        self.done = done;
        let now = SystemClock.monotonic();
        if now.saturating_sub(self.shown) < if self.is_seen { OFTEN } else { SELDOM } {
            return;
        }
        self.shown = now;
        if self.is_seen {
            self.is_drawn = true;
            _ = write!(io::stderr(), "\r{}", self.drawn());
        } else {
            stderr::say(format_args!("{} {} of about {}", self.what, self.done, self.about.max(self.done)));
        }
    }

    /// What comes next begins at the start of a line.
    pub(super) fn end(mut self) {
        self.about = self.done;
        if self.is_drawn {
            _ = writeln!(io::stderr(), "\r{}", self.drawn());
        }
    }

    fn drawn(&self) -> String {
        let about = self.about.max(self.done).max(1);
        let full = (self.done * WIDTH / about) as usize;
        let (full, empty) = ("#".repeat(full), "-".repeat(WIDTH as usize - full));
        format!("[{full}{empty}] {:3}% {} {}", self.done * 100 / about, self.done, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_at_its_end_and_never_more_than_that() {
        let drawn = |done, about| {
            Bar { what: "copied", done, about, is_seen: true, is_drawn: true, shown: Duration::ZERO }.drawn()
        };
        assert_eq!(drawn(1, 2), format!("[{}{}]  50% 1 copied", "#".repeat(20), "-".repeat(20)));
        assert_eq!(drawn(3, 2), format!("[{}] 100% 3 copied", "#".repeat(40)));
        assert_eq!(drawn(0, 0), format!("[{}]   0% 0 copied", "-".repeat(40)));
    }
}
