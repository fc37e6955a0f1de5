//! Two servers over three nodes of PostgreSQL, while one thing after another breaks: `examples/cluster/faults.py` in
//! its long form, which says what is checked. It needs root, for networks that are cut.

use super::Load;
use crate::cargo::{build_stator, succeed};
use crate::root;
use crate::test::python;
use std::process::Command;

const SECONDS_PER_MINUTE: u64 = 60;

/// Each fault once, and then any of them for as long as there is time.
pub(super) fn run(load: &Load) -> Result<(), String> {
    if load.writes_per_second.is_some() {
        return Err("its writers wait for answers only; leave --writes-per-second out".to_owned());
    }
    let python = python::interpreter()?.ok_or("python3 with its venv module is not installed")?;
    let stator = load.stator.clone().map_or_else(|| build_stator("release"), Ok)?;
    let mut faults = Command::new(python);
    faults.args(["faults.py", "long", "--seconds", &(load.minutes * SECONDS_PER_MINUTE).to_string()]);
    faults.current_dir(root().join("examples/cluster"));
    succeed(faults.env("STATOR_BIN", stator).env("PYTHONDONTWRITEBYTECODE", "1"))
}
