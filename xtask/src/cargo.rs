//! Calling cargo from a chore: the same cargo, the same target directory.

use crate::root;
use std::path::PathBuf;
use std::process::Command;

/// The cargo that runs this chore.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Where the workspace is built, as cargo decides it.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(named) => root().join(named),
        None => root().join("target"),
    }
}

/// Builds the server in a profile (`debug`, `release` or `dist`) and returns its path.
pub(crate) fn build_stator(profile: &str) -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", "stator"]);
    if profile != "debug" {
        command.args(["--profile", profile]);
    }
    succeed(&mut command)?;
    Ok(target_dir().join(profile).join("stator"))
}

/// Runs a command to its end; the error of anything but success names the command.
pub(crate) fn succeed(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
