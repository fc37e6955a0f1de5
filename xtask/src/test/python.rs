//! The Python suites: boto3 against a server, and the examples, in one virtual environment built once.

use super::{Outcome, SuiteResult, with_server};
use crate::cargo::{build_stator, succeed, target_dir};
use crate::root;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

const REQUIREMENTS: [&str; 2] = ["tests/clients/python/requirements.txt", "examples/requirements.txt"];

/// boto3's client and resource against one server; a few tests start servers of their own.
pub(super) fn clients() -> SuiteResult {
    let Some(python) = environment()? else { return Ok(lacking()) };
    let stator = build_stator("debug")?;
    with_server(|url| {
        let mut tests = pytest(&python, "tests/clients/python");
        succeed(tests.env("STATOR_ENDPOINT", url).env("STATOR_BIN", &stator))
    })
}

/// The example applications, which start servers of their own.
pub(super) fn examples() -> SuiteResult {
    let Some(python) = environment()? else { return Ok(lacking()) };
    let stator = build_stator("debug")?;
    succeed(pytest(&python, "examples").env("STATOR_BIN", stator).env_remove("STATOR_ENDPOINT"))
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

/// The interpreter of the environment; none when the machine cannot make one. Installed again only when the
/// requirements have changed.
fn environment() -> Result<Option<PathBuf>, String> {
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
    succeed(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    for file in REQUIREMENTS {
        install.arg("--requirement").arg(root().join(file));
    }
    succeed(&mut install)?;
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
