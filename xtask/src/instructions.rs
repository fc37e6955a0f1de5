//! `cargo xtask instructions`: how many instructions the server executes for one request, counted by callgrind and
//! compared with the committed figures. Counts vary by half a per cent where times vary by half.
//!
//! A count is the difference of two servers' whole lives, one with and one without the requests, divided by their
//! number. So it contains everything a request causes, on any thread: HTTP, the operation, the commit. The server
//! has one worker thread and stores on disk, and one connection sends one request after the other.

mod callgrind;
mod figures;
mod lives;
mod protocols;
mod requests;

use crate::cargo::{build_stator, target_dir};
use crate::server::Scratch;
use figures::Figures;
use lives::Lives;
use std::path::{Path, PathBuf};

/// What `cargo xtask instructions` accepts after it.
pub(crate) const ARGUMENTS: &str = "[--renew | --binary FILE]";

enum Task {
    /// Fails when a figure is off.
    Compare,
    /// Writes the figures.
    Renew,
    /// Only prints, for another build of the server.
    Print(PathBuf),
}

/// Builds, counts, compares.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let task = task(arguments)?;
    if std::env::consts::ARCH != figures::ARCHITECTURE {
        eprintln!("the figures are of {}: nothing is compared on this machine", figures::ARCHITECTURE);
        return Ok(());
    }
    callgrind::available()?;
    let binary = match &task {
        Task::Print(binary) => binary.clone(),
        _ => build_stator("release")?,
    };
    protocols::are_answered(&binary)?;
    let lives = lives_of(&binary)?;
    match task {
        Task::Compare => compare(&binary, lives),
        Task::Renew => figures_of(&lives)?.write(),
        Task::Print(_) => {
            print!("{}", figures_of(&lives)?.to_text());
            Ok(())
        }
    }
}

/// What is off is counted again: whole lives in a row can have work in them that no request causes. Of both counts the
/// cheapest life of each kind is kept, and of the servers without requests too: one of those that was dear the second
/// time would make every request look cheap.
fn compare(binary: &Path, lives: Lives) -> Result<(), String> {
    let committed = Figures::read()?;
    committed.compare(&figures_of(&lives)?).or_else(|off| {
        println!("{off}\nOnce more, because a machine that does other work counts too many:");
        committed.compare(&figures_of(&lives.least(lives_of(binary)?))?)
    })
}

fn task(arguments: &[String]) -> Result<Task, String> {
    match arguments {
        [] => Ok(Task::Compare),
        [flag] if flag == "--renew" => Ok(Task::Renew),
        [flag, binary] if flag == "--binary" => Ok(Task::Print(binary.into())),
        _ => Err(format!("expected {ARGUMENTS}")),
    }
}

fn lives_of(binary: &Path) -> Result<Lives, String> {
    let scratch = Scratch::under(&target_dir(), "instructions-data")?;
    Lives::count(|requests| {
        callgrind::life(binary, scratch.path(), |connection| {
            requests::prepare(connection)?;
            requests.map_or(Ok(()), |kind| kind.send(connection, lives::REQUESTS_EACH))
        })
    })
}

fn figures_of(lives: &Lives) -> Result<Figures, String> {
    Figures::of_this_compiler(lives.per_request())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done() {
        let check = |arguments: &[&str]| task(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(matches!(check(&[]), Ok(Task::Compare)));
        assert!(matches!(check(&["--renew"]), Ok(Task::Renew)));
        assert!(matches!(check(&["--binary", "x"]), Ok(Task::Print(binary)) if binary == Path::new("x")));
        assert!(check(&["--binary"]).is_err());
    }
}
