//! The Python suites: boto3 against a server, and the examples, in one virtual environment built once.

use super::log::Log;
use super::{Outcome, Run, SuiteResult, with_server};
use crate::cargo::target_dir;
use crate::root;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::{fs, io};

const REQUIREMENTS: [&str; 2] = ["tests/clients/python/requirements.txt", "examples/requirements.txt"];

/// boto3's client and resource against one server; a few tests start servers of their own.
pub(super) fn clients(run: &Run<'_>) -> SuiteResult {
    let Some(python) = environment(run.log)? else { return Ok(lacking()) };
    with_server(run, |url| {
        let mut tests = pytest(&python, "tests/clients/python");
        run.log.succeed(tests.env("STATOR_ENDPOINT", url).env("STATOR_BIN", run.stator))
    })
}

/// The example applications, which start servers of their own.
pub(super) fn examples(run: &Run<'_>) -> SuiteResult {
    let Some(python) = environment(run.log)? else { return Ok(lacking()) };
    run.log
        .succeed(pytest(&python, "examples").env("STATOR_BIN", run.stator).env_remove("STATOR_ENDPOINT"))
        .map(|()| Outcome::Passed)
}

fn lacking() -> Outcome {
    Outcome::Skipped("python3 with its venv module is not installed".into())
}

fn pytest(python: &Path, folder: &str) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pytest", "-p", "no:cacheprovider", "."]).current_dir(root().join(folder));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The same for chores that are no tests.
pub(crate) fn interpreter() -> Result<Option<PathBuf>, String> {
    environment(&Log::terminal())
}

/// The interpreter of the environment; none when the machine cannot make one. Installed again only when the
/// requirements have changed; by one suite, while the other waits.
fn environment(log: &Log) -> Result<Option<PathBuf>, String> {
    static MAKING: Mutex<()> = Mutex::new(());
    let _alone = MAKING.lock().expect("nothing here panics");
    let folder = target_dir().join("python-venv");
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed"));
    let wanted = requirements().map_err(|error| format!("requirements: {error}"))?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(python));
    }
    if !can_make_environments() {
        return Ok(None);
    }
    eprintln!("   making {}", folder.display());
    log.succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    for file in REQUIREMENTS {
        install.arg("--requirement").arg(root().join(file));
    }
    log.succeed(&mut install)?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(Some(python))
}

fn requirements() -> io::Result<String> {
    REQUIREMENTS.iter().map(|file| fs::read_to_string(root().join(file))).collect()
}

fn can_make_environments() -> bool {
    let mut probe = Command::new("python3");
    probe.args(["-c", "import venv, ensurepip"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
