//! What a server takes, over time: resident memory, the bytes of its folder, open files, threads, and processes of
//! functions.

use std::fmt;
use std::path::Path;

/// What it takes at one time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    pub(super) memory_mb: f64,
    pub(super) disk_mb: f64,
    pub(super) files: f64,
    pub(super) threads: f64,
    pub(super) processes: f64,
}

/// Growth that is no growth: caches, files that are about to be compacted, processes that are about to end.
const FACTOR_MAX: f64 = 1.25;
const SLACK: f64 = 16.0;

impl Sample {
    pub(super) fn of(pid: u32, folder: &Path) -> Result<Sample, String> {
        let status = format!("/proc/{pid}/status");
        let text = std::fs::read_to_string(&status).map_err(|error| format!("{status}: {error}"))?;
        let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kb: f64 = resident.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(0.0);
        let count = |what: &str| std::fs::read_dir(format!("/proc/{pid}/{what}")).map_or(0, Iterator::count);
        Ok(Sample {
            memory_mb: kb / 1e3,
            disk_mb: folder_bytes(folder) as f64 / 1e6,
            files: count("fd") as f64,
            threads: count("task") as f64,
            processes: processes(pid) as f64,
        })
    }

    /// What stands above samples.
    pub(super) const HEAD: &str = "memory MB   disk MB  files threads processes";
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sample { memory_mb, disk_mb, files, threads, processes } = self;
        write!(f, "{memory_mb:>9.1} {disk_mb:>9.1} {files:>6} {threads:>7} {processes:>9}")
    }
}

/// The processes that the server has started, and those that run in the folder of its functions, whoever their parent
/// is.
fn processes(server: u32) -> usize {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_of_server = |process: &std::fs::DirEntry| {
        let read = |what: &str| std::fs::read(process.path().join(what)).unwrap_or_default();
        let (line, stat) = (read("cmdline"), read("stat"));
        let stat = String::from_utf8_lossy(&stat);
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        parent == Some(&server.to_string()) || line.windows(FUNCTIONS.len()).any(|part| part == FUNCTIONS)
    };
    all.filter(is_of_server).count()
}

/// What the folder of functions is called.
const FUNCTIONS: &[u8] = b"/stator-lambda-";

/// Files that go meanwhile count as nothing.
fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(bytes).sum()
}

/// What grows from the second third of the samples to the last, by their medians. The first third fills caches and
/// waits for the first records to be trimmed.
pub(super) fn grown(samples: &[Sample]) -> Result<(), String> {
    let third = samples.len() / 3;
    if third == 0 {
        return Err("too few samples to tell whether anything grows".to_owned());
    }
    for (what, of) in [
        ("memory in MB", (|sample: &Sample| sample.memory_mb) as fn(&Sample) -> f64),
        ("disk in MB", |sample: &Sample| sample.disk_mb),
        ("open files", |sample: &Sample| sample.files),
        ("threads", |sample: &Sample| sample.threads),
        ("processes", |sample: &Sample| sample.processes),
    ] {
        let [before, after] =
            [third..2 * third, 2 * third..samples.len()].map(|part| median(&samples[part], of));
        println!("{what}: {before:.1} in the second third, {after:.1} in the last");
        if after > before * FACTOR_MAX + SLACK {
            return Err(format!("{what} grows: {before:.1}, then {after:.1}"));
        }
    }
    Ok(())
}

fn median(samples: &[Sample], of: fn(&Sample) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(memory_mb: impl Fn(usize) -> f64) -> Vec<Sample> {
        (0..30).map(|at| Sample { memory_mb: memory_mb(at), ..Sample::default() }).collect()
    }

    #[test]
    fn what_fills_and_then_stays_has_not_grown() {
        grown(&samples(|at| (at as f64 * 50.0).min(500.0))).unwrap();
        assert!(grown(&samples(|at| at as f64 * 50.0)).is_err());
        assert!(grown(&samples(|_| 1.0)[..2]).is_err());
    }
}
