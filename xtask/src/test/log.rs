//! What a suite prints: to the terminal where it runs alone, into a file where others run beside it, so that their
//! lines do not mix.

use crate::cargo::succeed;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::Command;

/// Where the output of a suite's commands goes.
pub(crate) struct Log(Option<File>);

impl Log {
    /// Straight to the terminal.
    pub(super) fn terminal() -> Log {
        Log(None)
    }

    /// Kept, and told by [`Log::text`].
    pub(super) fn kept() -> Result<Log, String> {
        unnamed_file().map(Some).map(Log)
    }

    /// Runs a command to its end; the error of anything but success names the command.
    pub(crate) fn succeed(&self, command: &mut Command) -> Result<(), String> {
        if let Some(file) = &self.0 {
            let copy = || file.try_clone().map_err(|error| format!("the log: {error}"));
            command.stdout(copy()?).stderr(copy()?);
        }
        succeed(command)
    }

    /// All that was written.
    pub(super) fn text(self) -> Result<String, String> {
        let Some(mut file) = self.0 else { return Ok(String::new()) };
        let mut bytes = Vec::new();
        file.rewind()
            .and_then(|()| file.read_to_end(&mut bytes))
            .map_err(|error| format!("the log: {error}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A file that nobody else finds, and that is gone with the last process that has it open.
fn unnamed_file() -> Result<File, String> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("stator-test-log-{}-{number}", std::process::id()));
    let open = || {
        // Appending, because a suite's commands write by handles of their own.
        let file = File::options().read(true).append(true).create_new(true).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(file)
    };
    open().map_err(|error: std::io::Error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_print_is_kept_in_order() {
        let log = Log::kept().expect("a file");
        let mut shell = Command::new("sh");
        log.succeed(shell.args(["-c", "echo one; echo two >&2"])).expect("it succeeds");
        log.succeed(Command::new("false").arg("")).expect_err("it fails");
        log.succeed(Command::new("echo").arg("three")).expect("it succeeds");
        assert_eq!(log.text().as_deref(), Ok("one\ntwo\nthree\n"));
    }
}
