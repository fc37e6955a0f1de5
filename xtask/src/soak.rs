//! `cargo xtask soak`: a server under load for as long as one likes, and whether it still is what it was.

#![expect(clippy::disallowed_methods, reason = "it runs in real time")]

mod changes;
mod cluster;
mod follower;
mod growth;
mod streams;
mod triggers;
mod writers;

use std::path::PathBuf;

/// What `cargo xtask soak` accepts after it.
pub(crate) const ARGUMENTS: &str =
    "streams|triggers|cluster [--minutes N] [--writes-per-second N] [--stator FILE]";

/// How long, and how hard.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Load {
    minutes: u64,
    /// Where nothing is said, each chooses.
    writes_per_second: Option<u64>,
    /// The server; one is built where none is named.
    stator: Option<PathBuf>,
}

/// Runs what is named.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.split_first() {
        Some((name, options)) if name == "streams" => streams::run(&load(options)?),
        Some((name, options)) if name == "triggers" => triggers::run(&load(options)?),
        Some((name, options)) if name == "cluster" => cluster::run(&load(options)?),
        _ => Err(format!("expected {ARGUMENTS}")),
    }
}

fn load(options: &[String]) -> Result<Load, String> {
    let mut load = Load { minutes: 30, writes_per_second: None, stator: None };
    let (pairs, rest) = options.as_chunks();
    for [flag, value] in pairs {
        let number = value.parse().ok().filter(|number| *number > 0);
        let number = number.ok_or_else(|| format!("{flag} {value}: not a number from 1"));
        match flag.as_str() {
            "--minutes" => load.minutes = number?,
            "--writes-per-second" => load.writes_per_second = Some(number?),
            "--stator" => load.stator = Some(value.into()),
            _ => return Err(format!("expected {ARGUMENTS}")),
        }
    }
    if rest.is_empty() { Ok(load) } else { Err(format!("expected {ARGUMENTS}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_and_how_hard() {
        let load = |options: &[&str]| load(&options.iter().map(ToString::to_string).collect::<Vec<_>>());
        let half_an_hour = Load { minutes: 30, writes_per_second: None, stator: None };
        assert_eq!(load(&[]), Ok(half_an_hour.clone()));
        let built = Load { minutes: 2, stator: Some("/bin/stator".into()), ..half_an_hour };
        assert_eq!(load(&["--minutes", "2", "--stator", "/bin/stator"]), Ok(built));
        assert!(
            load(&["--minutes", "0"]).is_err() && load(&["--hours", "1"]).is_err() && load(&["x"]).is_err()
        );
    }
}
