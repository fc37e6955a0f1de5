//! A process of a function, with all that is its own: the line it is spoken to by, its output, its folder, its user.
//! Dropping it ends it, with every process of its session and of its user.

use super::output::{Pipe, Printed};
use super::pool::{Key, Place};
use super::runtime_api::Line;
use super::workspace::Tmp;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
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
        Process { key, log_stream, line, pipe, printed, child, pid, remains: Some(remains) }
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

/// How often the user's processes are looked for: one that starts others while it is looked for is met again.
const SWEEPS_MAX: usize = 16;

impl Remains {
    fn clear(self) {
        let Some(user) = self.place.user() else { return };
        for _ in 0..SWEEPS_MAX {
            let found = processes_of(user);
            if found.is_empty() {
                break;
            }
            for pid in found {
                _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

/// The processes of a user, which are all of one function: nobody else is that user.
fn processes_of(user: u32) -> Vec<Pid> {
    use std::os::unix::fs::MetadataExt;
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_user = all.filter(|entry| entry.metadata().is_ok_and(|found| found.uid() == user));
    let pids = of_user.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(Pid::from_raw).collect()
}
