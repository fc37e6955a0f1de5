//! A Stator server for a chore: started on a free port, awaited until it is ready, stopped when dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running server. Its folder outlives it and belongs to the caller.
pub(crate) struct Server {
    child: Child,
    /// Kept open: a server should not find its stdout closed.
    _stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
    /// Where DAX's clients connect, of a server that serves them.
    pub(crate) dax: Option<String>,
}

impl Server {
    /// Starts `binary` over `data` and waits for its ready line, or for its end.
    pub(crate) fn start(binary: &Path, data: &Path) -> Result<Server, String> {
        Server::spawn(Command::new(binary), data)
    }

    /// As `start`, by a command that ends with the binary: the binary itself, or a tool that runs it.
    pub(crate) fn spawn(mut command: Command, data: &Path) -> Result<Server, String> {
        command.arg("--data-dir").arg(data);
        Server::spawn_over(command)
    }

    /// As `spawn`, by a command that says where its data is.
    pub(crate) fn spawn_over(mut command: Command) -> Result<Server, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .args(["--port", "0"])
            .env("STATOR_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        match ready_urls(&mut stdout) {
            Some((url, dax)) => Ok(Server { child, _stdout: stdout, url, dax }),
            None => {
                _ = child.kill();
                let status = child.wait().map_err(|error| error.to_string())?;
                Err(format!("{name} ended before the server was ready: {status}"))
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM and waits for the process to end.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        let pid = i32::try_from(self.pid()).expect("process ids fit");
        // SAFETY: sends a signal to a child that was not waited for yet, so the id is still its own.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the server left with {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The URLs in the ready line, `… ready on http://… (…)` or `… ready on http://… and dax://… (…)`.
fn ready_urls(stdout: &mut impl BufRead) -> Option<(String, Option<String>)> {
    let mut line = String::new();
    while stdout.read_line(&mut line).ok()? > 0 {
        if let Some((_, after)) = line.split_once(" ready on ") {
            let mut words = after.split_whitespace().map(str::to_owned);
            let url = words.next()?;
            let dax = words.next().filter(|word| word == "and").and_then(|_| words.next());
            return Some((url, dax));
        }
        line.clear();
    }
    None
}

/// A folder that is new and empty, and removed with its contents when dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Under `parent`, so that benchmarks write to the disk the build is on.
    pub(crate) fn under(parent: &Path, name: &str) -> Result<Scratch, String> {
        let path = parent.join(format!("{name}-{}", std::process::id()));
        _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Scratch(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_is_found_among_others() {
        let urls = |mut out: &[u8]| ready_urls(&mut out);
        let http = || "http://127.0.0.1:41234".to_owned();
        assert_eq!(
            urls(b"hello\nstator 0.1.0 ready on http://127.0.0.1:41234 (data: /x y)\n"),
            Some((http(), None))
        );
        assert_eq!(
            urls(b"stator 0.1.0 ready on http://127.0.0.1:41234 and dax://127.0.0.1:8111 (data in memory)\n"),
            Some((http(), Some("dax://127.0.0.1:8111".to_owned())))
        );
        assert_eq!(urls(b"error\n"), None);
    }
}
