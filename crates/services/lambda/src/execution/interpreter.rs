//! The interpreters of this machine: found on the server's `PATH`, when a function asks for one.

use crate::errors;
use crate::runtime::Runtime;
use model::ApiError;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// An interpreter that functions can be run by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interpreter {
    pub(super) path: PathBuf,
}

/// The interpreter for a runtime's name: the version asked for if it is there, else whichever is.
///
/// # Errors
/// There is none that functions may execute.
pub(super) fn find(name: &str, runtime: Runtime) -> Result<Option<Interpreter>, ApiError> {
    let candidates: Vec<String> = match runtime {
        Runtime::Provided => return Ok(None),
        Runtime::Python => vec![name.to_owned(), "python3".to_owned()],
        Runtime::Node => vec![name.trim_end_matches(".x").replace("nodejs", "node"), "node".to_owned()],
    };
    let folders: Vec<PathBuf> =
        env::split_paths(env::var_os("PATH").as_deref().unwrap_or(OsStr::new(""))).collect();
    let paths = candidates.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = paths.filter(|path| path.is_absolute()).find(|path| is_usable(path));
    match found {
        Some(path) => Ok(Some(Interpreter { path })),
        None => Err(errors::no_interpreter(name, candidates.last().map_or("", String::as_str))),
    }
}

/// A program, not a script that looks for one by variables that functions do not have; and one that others than the
/// server's user may execute, where functions are others.
fn is_usable(path: &Path) -> bool {
    let Ok(real) = fs::canonicalize(path) else { return false };
    let is_executable =
        fs::metadata(&real).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
    let reachable = !rustix::process::geteuid().is_root() || (is_open_to_all(path) && is_open_to_all(&real));
    is_executable && reachable && !is_script(&real)
}

fn is_script(path: &Path) -> bool {
    let mut head = [0; 2];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_err() || &head == b"#!"
}

fn is_open_to_all(path: &Path) -> bool {
    path.ancestors().all(|part| fs::metadata(part).is_ok_and(|found| found.mode() & 0o001 != 0))
}
