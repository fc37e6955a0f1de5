//! Stderr, which may be on a full disk or a pipe without reader: what cannot be written there is dropped.
//! `eprintln!` would panic instead, and a lost message must not end a database.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints one sentence with the program's name.
pub(crate) fn say(sentence: impl Display) {
    // One write, so that others who write there do not get in between.
    _ = io::stderr().write_all(format!("stator: {sentence}\n").as_bytes());
}

/// Where log lines go.
pub(crate) struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
