//! A process of a function, with all that is its own: the line it is spoken to by, its output, its folder, its user.
//! Dropping it ends it, with every process of its session and of its user.

use super::output::{Pipe, Printed};
use super::pool::{Key, Place};
use super::runtime_api::Line;
use super::sandbox;
use super::workspace::Tmp;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use tokio::process::Child;
use tokio::runtime::Handle;

/// A process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) key: Key,
    pub(super) log_stream: String,
    pub(super) line: Line,
    pub(super) pipe: Pipe,
    pub(super) printed: Printed,
    pub(super) child: Child,
    pid: Option<Pid>,
    remains: Option<Remains>,
    /// From when on it gets no further call, in microseconds since the Unix epoch.
    until_micros: Option<u64>,
}

/// What is left of a process that has ended, and is free once all it started has ended too.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) _tmp: Tmp,
    pub(super) place: Place,
}

impl Process {
    pub(super) fn new(
        key: Key,
        log_stream: String,
        line: Line,
        pipe: Pipe,
        child: Child,
        remains: Remains,
    ) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let printed = Printed::default();
        let (remains, until_micros) = (Some(remains), None);
        Process { key, log_stream, line, pipe, printed, child, pid, remains, until_micros }
    }

    /// The same with a time, in microseconds since the Unix epoch, from when on it gets no further call.
    pub(super) fn until(mut self, until_micros: Option<u64>) -> Self {
        self.until_micros = until_micros;
        self
    }

    /// Whether it gets no further call.
    pub(super) fn is_over(&self, now_micros: u64) -> bool {
        self.until_micros.is_some_and(|until| until <= now_micros)
    }

    /// Whether it is still there.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The most memory that it has had, in megabytes.
    pub(super) fn memory_mb(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid?.as_raw_nonzero())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(pid) = self.pid {
            _ = kill_process_group(pid, Signal::KILL);
        }
        let Some(remains) = self.remains.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || remains.clear())),
            Err(_) => remains.clear(),
        }
    }
}

/// How often the user's processes are looked for: one of them may be on its way out.
const SWEEPS_MAX: usize = 16;

impl Remains {
    fn clear(self) {
        let Some(user) = self.place.user() else { return };
        for _ in 0..SWEEPS_MAX {
            if !has_processes(user) {
                break;
            }
            sandbox::kill_all_of(user);
        }
    }
}

/// Whether a user has processes, which are all of one function: nobody else is that user. One that has ended and is not
/// yet taken note of is none.
fn has_processes(user: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut of_user = all.filter(|entry| {
        let is_process = entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit);
        is_process && entry.metadata().is_ok_and(|found| found.uid() == user)
    });
    of_user.any(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
    })
}
