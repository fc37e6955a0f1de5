//! What a process prints: read while a call runs, cut into lines, with the lines of the platform between.
//!
//! Both streams are one pipe, so their order is kept. While a process is idle nobody reads: what it prints then waits
//! in the pipe, which has room for little, and a process that prints more waits too. A call keeps [`KEPT_BYTES_MAX`] of
//! what it prints; the rest is read and gone, so that a function that prints without end fills no memory and no disk.

use bytes::Bytes;
use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use stdx::Clock;
use tokio::net::unix::pipe::Receiver;

/// What a call may print.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The longest line; a longer one is cut into several.
const LINE_BYTES_MAX: usize = 256 * 1024 - 64;
/// How much of the end a caller may ask for.
const TAIL_BYTES: usize = 4 * 1024;
/// What is read after an answer: all that was printed before it is in the pipe.
const DRAINED_BYTES_MAX: usize = 1024 * 1024;
const READ_BYTES: usize = 64 * 1024;

/// The reading end of a process's output.
#[derive(Debug)]
pub(super) struct Pipe {
    end: Receiver,
    buffer: Box<[u8]>,
    is_open: bool,
}

/// One line and when it was read, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at_millis: u64,
    pub(crate) text: String,
}

/// What a call has printed so far.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// Whole lines that nobody has taken yet.
    lines: Vec<Line>,
    /// The line that has not ended.
    partial: Vec<u8>,
    tail: VecDeque<u8>,
    kept_bytes: usize,
    lost_bytes: u64,
}

impl Pipe {
    /// A pipe; the other end is for the process.
    pub(super) fn make() -> io::Result<(Self, OwnedFd)> {
        use rustix::pipe::{PipeFlags, pipe_with};
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let buffer = vec![0; READ_BYTES].into_boxed_slice();
        Ok((Pipe { end: Receiver::from_owned_fd(reader)?, buffer, is_open: true }, writer))
    }

    /// The next bytes; never where the process has closed its end.
    pub(super) async fn read(&mut self) -> &[u8] {
        while self.is_open {
            if self.end.readable().await.is_err() {
                break;
            }
            match self.end.try_read(&mut self.buffer) {
                Ok(count) if count > 0 => return &self.buffer[..count],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(_) | Err(_) => self.is_open = false,
            }
        }
        std::future::pending().await
    }

    /// Takes what is in the pipe now.
    pub(super) fn drain(&mut self, printed: &mut Printed, clock: &dyn Clock) {
        let mut taken = 0;
        while self.is_open && taken < DRAINED_BYTES_MAX {
            match self.end.try_read(&mut self.buffer) {
                Ok(count) if count > 0 => {
                    taken += count;
                    printed.add(&self.buffer[..count], clock);
                }
                Ok(_) => self.is_open = false,
                Err(_would_block) => return,
            }
        }
    }
}

impl Printed {
    /// Adds output of the process.
    pub(super) fn add(&mut self, mut bytes: &[u8], clock: &dyn Clock) {
        let room = KEPT_BYTES_MAX - self.kept_bytes;
        if bytes.len() > room {
            self.lost_bytes += (bytes.len() - room) as u64;
            bytes = &bytes[..room];
        }
        self.kept_bytes += bytes.len();
        self.note_tail(bytes);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            for piece in piece.chunks(LINE_BYTES_MAX) {
                if self.partial.len() + piece.len() > LINE_BYTES_MAX {
                    self.end_line(clock);
                }
                self.partial.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.end_line(clock);
            }
        }
    }

    /// Adds a line of the platform, after what the process has printed.
    pub(super) fn add_line(&mut self, text: &str, clock: &dyn Clock) {
        if !self.partial.is_empty() {
            self.end_line(clock);
        }
        if self.lost_bytes > 0 {
            let lost = std::mem::take(&mut self.lost_bytes);
            self.whole_line(&format!("{lost} bytes more were printed and are not kept"), clock);
        }
        self.whole_line(text, clock);
    }

    fn whole_line(&mut self, text: &str, clock: &dyn Clock) {
        let text = format!("{text}\n");
        self.note_tail(text.as_bytes());
        self.lines.push(Line { at_millis: clock.now_micros() / 1_000, text });
    }

    fn end_line(&mut self, clock: &dyn Clock) {
        let mut text = String::from_utf8_lossy(&std::mem::take(&mut self.partial)).into_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.lines.push(Line { at_millis: clock.now_micros() / 1_000, text });
    }

    fn note_tail(&mut self, bytes: &[u8]) {
        self.tail.extend(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL_BYTES));
    }

    /// The last of it.
    pub(super) fn tail(&self) -> Bytes {
        self.tail.iter().copied().collect()
    }

    /// The lines that nobody has taken yet.
    pub(super) fn take(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::ManualClock;

    fn texts(printed: &mut Printed) -> Vec<String> {
        printed.take().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn output_is_cut_into_lines() {
        let (mut printed, clock) = (Printed::default(), ManualClock::at(5_000));
        printed.add(b"one\ntw", &clock);
        printed.add(b"o\n\nthree", &clock);
        assert_eq!(texts(&mut printed), ["one\n", "two\n", "\n"]);
        printed.add_line("END", &clock);
        assert_eq!(texts(&mut printed), ["three\n", "END\n"]);
        assert_eq!(printed.tail(), "one\ntwo\n\nthreeEND\n");
        printed.add(&vec![b'x'; LINE_BYTES_MAX + 1], &clock);
        printed.add(b"\xFF\n", &clock);
        let lines = texts(&mut printed);
        assert_eq!((lines.len(), lines[0].len(), lines[1].as_str()), (2, LINE_BYTES_MAX + 1, "x\u{FFFD}\n"));
        assert_eq!(printed.tail().len(), TAIL_BYTES);
    }

    #[test]
    fn what_a_call_keeps_is_bounded() {
        let (mut printed, clock) = (Printed::default(), ManualClock::at(0));
        for _ in 0..100 {
            printed.add(&[b'x'; 100_000], &clock);
        }
        printed.add_line("END", &clock);
        let lines = texts(&mut printed);
        assert!(lines.iter().map(String::len).sum::<usize>() < KEPT_BYTES_MAX + 1_000);
        assert_eq!(lines[lines.len() - 2], "5805696 bytes more were printed and are not kept\n");
    }
}
