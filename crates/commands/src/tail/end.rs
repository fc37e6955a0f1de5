//! Why following ended.

use std::io;

/// Why following ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A signal requested it.
    Stopped,
    /// The output is closed.
    ReaderGone,
    /// Something is wrong: a sentence for people.
    Failed(String),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => End::ReaderGone,
            _ => End::Failed(format!("cannot write the changes: {error}")),
        }
    }
}
