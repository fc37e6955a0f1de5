//! The table people read, and the targets with PASS or MISS.

use super::loadgen::Run;

/// Above this, other work on the machine shows in the result.
const QUIET_CORES: f64 = 0.15;

/// A figure and its target.
pub(super) struct Target {
    what: &'static str,
    measured: f64,
    bound: Bound,
}

enum Bound {
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
}

impl Target {
    pub(super) fn at_least(what: &'static str, measured: f64, wanted: f64) -> Target {
        Target { what, measured, bound: Bound::AtLeast(wanted) }
    }

    pub(super) fn below(what: &'static str, measured: f64, limit: f64) -> Target {
        Target { what, measured, bound: Bound::Below(limit) }
    }

    pub(super) fn at_most(what: &'static str, measured: f64, limit: f64) -> Target {
        Target { what, measured, bound: Bound::AtMost(limit) }
    }

    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(wanted) => self.measured >= wanted,
            Bound::Below(limit) => self.measured < limit,
            Bound::AtMost(limit) => self.measured <= limit,
        }
    }
}

pub(super) fn print_target(target: &Target) {
    let verdict = if target.is_met() { "PASS" } else { "MISS" };
    let wanted = match target.bound {
        Bound::AtLeast(wanted) => format!(">= {wanted}"),
        Bound::Below(limit) => format!("< {limit}"),
        Bound::AtMost(limit) => format!("<= {limit}"),
    };
    println!("{verdict}  {:<44} {:>8.2}  (target {wanted})", target.what, target.measured);
}

pub(super) fn print_head() {
    println!(
        "{:<22} {:>5} {:>9} {:>9} {:>6} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "median of the rounds",
        "conns",
        "bare/s",
        "stator/s",
        "ratio",
        "p50 µs",
        "p99 µs",
        "cpu µs",
        "bare cpu",
        "refused"
    );
}

pub(super) fn print_pair(title: &str, connections: u32, bare: &Run, stator: &Run) {
    println!(
        "{title:<22} {connections:>5} {:>9.0} {:>9.0} {:>6.2} {:>9.0} {:>9.0} {:>9.1} {:>9.1} {:>7.2}%{}",
        bare.ops_per_s,
        stator.ops_per_s,
        stator.ops_per_s / bare.ops_per_s,
        stator.p50_us,
        stator.p99_us,
        stator.server_cpu_us,
        bare.server_cpu_us,
        stator.refused * 100.0,
        disturbance(bare, stator)
    );
}

/// Reports when other processes used the processors: such a pair should not be quoted.
fn disturbance(bare: &Run, stator: &Run) -> String {
    let other_cpu = bare.other_cpu.max(stator.other_cpu);
    if other_cpu > QUIET_CORES {
        format!("  disturbed: {other_cpu:.2} cores busy elsewhere")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_or_missed() {
        assert!(Target::at_least("x", 0.5, 0.5).is_met());
        assert!(!Target::at_least("x", 0.49, 0.5).is_met());
        assert!(Target::below("x", 9.9, 10.0).is_met());
        assert!(!Target::below("x", 10.0, 10.0).is_met());
        assert!(Target::at_most("x", 10.0, 10.0).is_met());
        assert!(!Target::at_most("x", 10.1, 10.0).is_met());
    }
}
