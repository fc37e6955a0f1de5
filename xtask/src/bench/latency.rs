//! Times of single things done one after the other, as percentiles.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use crate::api::Connection;
use crate::server::Server;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How often a server is started for one figure.
pub(super) const STARTS: usize = 20;

/// Microseconds of each of `count` calls, in ascending order.
pub(super) fn of(
    count: usize,
    mut call: impl FnMut(usize) -> Result<(), String>,
) -> Result<Vec<f64>, String> {
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let started = Instant::now();
        call(number)?;
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The nearest-rank percentile of ascending times.
pub(super) fn percentile(ascending: &[f64], percent: usize) -> f64 {
    let rank = (ascending.len() * percent).div_ceil(100);
    ascending[rank.saturating_sub(1)]
}

/// Median milliseconds from spawning a server to its first answer; it is stopped cleanly each time.
pub(super) fn of_starts(stator: &Path, data: impl Fn(usize) -> PathBuf) -> Result<f64, String> {
    let mut times = Vec::with_capacity(STARTS);
    for number in 0..STARTS {
        let started = Instant::now();
        let server = Server::start(stator, &data(number))?;
        Connection::open(&server.url)?.list_tables()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        server.stop()?;
    }
    times.sort_by(f64::total_cmp);
    Ok(percentile(&times, 50))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let times: Vec<f64> = (1..=200).map(f64::from).collect();
        let check = |percent, expected: f64| assert!((percentile(&times, percent) - expected).abs() < 1e-9);
        check(50, 100.0);
        check(99, 198.0);
        check(100, 200.0);
        assert!((percentile(&[7.0], 1) - 7.0).abs() < 1e-9);
    }
}
