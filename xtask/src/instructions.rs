//! `cargo xtask instructions`: how many instructions the server executes for one request, counted by callgrind and
//! compared with the committed figures. Counts vary by half a per cent where times vary by half.
//!
//! A count is the difference of two servers' whole lives, one with and one without the requests, divided by their
//! number. So it contains everything a request causes, on any thread: HTTP, the operation, the commit. The server
//! has one worker thread and stores on disk, and one connection sends one request after the other.

mod callgrind;
mod figures;
mod requests;

use crate::cargo::{build_stator, target_dir};
use crate::server::Scratch;
use figures::Figures;
use requests::{Kind, REQUESTS};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What `cargo xtask instructions` accepts after it.
pub(crate) const ARGUMENTS: &str = "[--renew | --binary FILE]";

/// Requests of each kind; so many that the noise of starting and stopping a server is a fraction of a per cent.
const COUNT: u64 = 1000;

/// A life is repeated until the two cheapest agree to within one part of so many, because work in the background
/// falls into some lives and not into others; or so often, and then the cheapest counts. Two alone may agree on an odd
/// life: the allocator clears the pages of the row cache in one of three or so, which is 4.2 million instructions.
const AGREEMENT: u64 = 300;
const LIVES_MIN: usize = 3;
const LIVES_MAX: usize = 6;

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
    let counted = count(&binary)?;
    match task {
        Task::Compare => compare(&binary, counted),
        Task::Renew => counted.write(),
        Task::Print(_) => {
            print!("{}", counted.to_text());
            Ok(())
        }
    }
}

/// What is off is counted again: on a busy machine, whole lives in a row can have work in them that no request causes.
fn compare(binary: &Path, counted: Figures) -> Result<(), String> {
    let committed = Figures::read()?;
    committed.compare(&counted).or_else(|off| {
        println!("{off}\nOnce more, because a machine that does other work counts too many:");
        committed.compare(&counted.least(count(binary)?))
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

fn count(binary: &Path) -> Result<Figures, String> {
    let scratch = Scratch::under(&target_dir(), "instructions-data")?;
    let life = |kind: Option<&Kind>| {
        steady(|| {
            callgrind::life(binary, scratch.path(), |connection| {
                requests::prepare(connection)?;
                kind.map_or(Ok(()), |kind| kind.send(connection, COUNT))
            })
        })
    };
    let idle = life(None)?;
    let mut requests = BTreeMap::new();
    for kind in REQUESTS {
        let instructions = life(Some(kind))?.saturating_sub(idle) / COUNT;
        requests.insert(kind.operation.to_owned(), instructions);
    }
    Figures::of_this_compiler(requests)
}

fn steady(mut life: impl FnMut() -> Result<u64, String>) -> Result<u64, String> {
    let mut lives = vec![life()?];
    while lives.len() < LIVES_MAX {
        lives.push(life()?);
        lives.sort_unstable();
        if lives.len() >= LIVES_MIN && lives[1] - lives[0] <= lives[0] / AGREEMENT {
            break;
        }
    }
    Ok(lives[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_life_does_not_count() {
        let check = |lives: &[u64]| {
            let mut lives = lives.iter();
            steady(|| lives.next().copied().ok_or("one life too many".into()))
        };
        assert_eq!(check(&[30_000, 30_100, 34_000]), Ok(30_000));
        assert_eq!(check(&[34_000, 34_100, 30_000, 30_050]), Ok(30_000));
        assert_eq!(check(&[34_000, 30_000, 35_000, 30_050]), Ok(30_000));
        assert_eq!(check(&[1000, 2000, 3000, 4000, 5000, 6000]), Ok(1000));
    }

    #[test]
    fn what_is_to_be_done() {
        let check = |arguments: &[&str]| task(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(matches!(check(&[]), Ok(Task::Compare)));
        assert!(matches!(check(&["--renew"]), Ok(Task::Renew)));
        assert!(matches!(check(&["--binary", "x"]), Ok(Task::Print(binary)) if binary == Path::new("x")));
        assert!(check(&["--binary"]).is_err());
    }
}
