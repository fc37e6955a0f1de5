//! The committed figures, `benches/instructions.toml`: read, compared, written.

use crate::root;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// The architecture the figures were counted on.
pub(super) const ARCHITECTURE: &str = "x86_64";

/// A figure may be off by so many per cent, in either direction: what got faster is committed too.
const TOLERANCE_PERCENT: f64 = 3.0;

const HEADER: &str = "\
# Instructions the server executes for one request, on x86_64. Written by `cargo xtask instructions --renew`;
# `cargo xtask instructions` fails where a request needs 3 % more or fewer.
";

/// Instructions by operation, and the compiler whose code they are of.
#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct Figures {
    compiler: String,
    requests: BTreeMap<String, u64>,
}

impl Figures {
    pub(super) fn of_this_compiler(requests: BTreeMap<String, u64>) -> Result<Figures, String> {
        let output = Command::new("rustc").arg("--version").current_dir(root()).output();
        let output = output.map_err(|error| format!("rustc: {error}"))?;
        let compiler = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Figures { compiler, requests })
    }

    pub(super) fn read() -> Result<Figures, String> {
        let text =
            std::fs::read_to_string(path()).map_err(|error| format!("{}: {error}", path().display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path().display()))
    }

    pub(super) fn write(&self) -> Result<(), String> {
        let text = self.to_text();
        std::fs::write(path(), &text).map_err(|error| format!("{}: {error}", path().display()))?;
        print!("{text}");
        Ok(())
    }

    /// The text of the file.
    pub(super) fn to_text(&self) -> String {
        let lines = self.requests.iter().map(|(operation, count)| format!("{operation} = {count}\n"));
        format!("{HEADER}compiler = \"{}\"\n\n[requests]\n{}", self.compiler, lines.collect::<String>())
    }

    /// Prints both figures of each operation; fails when one differs too much, with advice.
    pub(super) fn compare(&self, counted: &Figures) -> Result<(), String> {
        let names = self.requests.keys().chain(counted.requests.keys());
        let mut off = Vec::new();
        for name in names.collect::<BTreeSet<_>>() {
            let (committed, now) = (self.requests.get(name), counted.requests.get(name));
            let deviation = deviation_percent(committed.copied(), now.copied());
            println!("{name:<20} {:>9} {:>9} {deviation:>+7.2} %", shown(committed), shown(now));
            if deviation.abs() > TOLERANCE_PERCENT {
                off.push(name.as_str());
            }
        }
        if off.is_empty() { Ok(()) } else { Err(self.advice(&off, counted)) }
    }

    fn advice(&self, off: &[&str], counted: &Figures) -> String {
        let mut advice = format!(
            "{} differ by more than {TOLERANCE_PERCENT} % from benches/instructions.toml. If that is meant, run \
             `cargo xtask instructions --renew`, commit the file, and say in the commit message why",
            off.join(", ")
        );
        if self.compiler != counted.compiler {
            advice += &format!(" (the figures are of {}, this is {})", self.compiler, counted.compiler);
        }
        advice
    }
}

fn path() -> PathBuf {
    root().join("benches/instructions.toml")
}

fn shown(figure: Option<&u64>) -> String {
    figure.map_or("none".to_owned(), u64::to_string)
}

/// Infinite where one of the two is missing.
fn deviation_percent(committed: Option<u64>, now: Option<u64>) -> f64 {
    match (committed, now) {
        (Some(committed), Some(now)) => (now as f64 / committed as f64 - 1.0) * 100.0,
        _ => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(requests: &[(&str, u64)]) -> Figures {
        let requests = requests.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Figures { compiler: "rustc 1".into(), requests }
    }

    #[test]
    fn three_per_cent_are_tolerated() {
        let committed = figures(&[("GetItem", 10_000), ("Query", 50_000)]);
        let check = |get| committed.compare(&figures(&[("GetItem", get), ("Query", 50_100)]));
        assert_eq!(check(10_290), Ok(()));
        assert!(check(10_310).unwrap_err().starts_with("GetItem differ"));
        assert!(check(9_600).is_err());
        assert!(committed.compare(&figures(&[("GetItem", 10_000)])).is_err());
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let written = figures(&[("GetItem", 10_000)]);
        let read: Figures = toml::from_str(&written.to_text()).unwrap();
        assert_eq!(read, written);
    }
}
