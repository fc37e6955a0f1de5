//! The process as the system sees it, under the names that Prometheus has for it in every program. Read from `/proc`;
//! where there is none, these families are absent.

use super::exposition::Exposition;
use super::exposition::Kind::{Counter, Gauge};
use std::fs;

/// The system counts the time of processes in hundredths of a second, on every architecture this is built for.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) fn write(text: &mut Exposition) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (field, name, help) in [
        ("VmRSS", "process_resident_memory_bytes", "Memory of the process that is in use."),
        ("VmSize", "process_virtual_memory_bytes", "Address space of the process."),
    ] {
        if let Some(bytes) = kilobytes(&status, field) {
            text.family(name, Gauge, help).sample(&[], bytes * 1024);
        }
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // The directory that is being read is one of them.
        let open = files.count().saturating_sub(1);
        text.family("process_open_fds", Gauge, "Open files and sockets.").sample(&[], open);
    }
    if let Some(most) = open_files_max(&fs::read_to_string("/proc/self/limits").unwrap_or_default()) {
        text.family("process_max_fds", Gauge, "The most files and sockets that may be open.")
            .sample(&[], most);
    }
    if let Some(seconds) = cpu_seconds(&fs::read_to_string("/proc/self/stat").unwrap_or_default()) {
        text.family("process_cpu_seconds_total", Counter, "Time that the processors spent.")
            .sample(&[], seconds);
    }
}

/// `VmRSS:    12345 kB`
fn kilobytes(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// `Max open files            1024                 524288               files`
fn open_files_max(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The name of the process comes second, in parentheses, and may hold anything.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_system() {
        assert_eq!(kilobytes("Name:\tx\nVmSize:\t  7 kB\nVmRSS:\t  12345 kB\n", "VmRSS"), Some(12_345));
        let limits =
            "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024      524288    files\n";
        assert_eq!(open_files_max(limits), Some(1_024));
        assert_eq!(cpu_seconds("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20"), Some(3.0));
        assert_eq!((kilobytes("", "VmRSS"), open_files_max(""), cpu_seconds("")), (None, None, None));
    }
}
