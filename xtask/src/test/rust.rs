//! The Rust suite: built at once by cargo, then each program of tests is a job.

use super::lanes::Job;
use super::log::Log;
use super::{Outcome, SuiteResult, newest_postgresql};
use crate::cargo::cargo;
use serde::Deserialize;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What cargo says of something it has built.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    manifest_path: PathBuf,
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// A program of tests.
struct Program {
    manifest_dir: PathBuf,
    target: Target,
    executable: PathBuf,
}

/// What cargo has built.
#[derive(Default)]
pub(super) struct Built {
    programs: Vec<Program>,
    /// The server, if it was built for one of them.
    pub(super) stator: Option<PathBuf>,
}

impl Built {
    /// Adds the tests that `selection` names.
    pub(super) fn build(&mut self, selection: &[&str]) -> Result<(), String> {
        let mut command = cargo();
        command.args(["test", "--no-run", "--quiet", "--message-format", "json-render-diagnostics"]);
        let output = command.args(selection).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("cargo: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo: {}", output.status));
        }
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(artifact)
            .for_each(|artifact| self.add(artifact));
        Ok(())
    }

    fn add(&mut self, Artifact { manifest_path, target, profile, executable, .. }: Artifact) {
        let (Some(executable), Some(manifest_dir)) = (executable, manifest_path.parent()) else { return };
        if profile.test {
            self.programs.push(Program { manifest_dir: manifest_dir.to_owned(), target, executable });
        } else if target.name == "stator" {
            self.stator = Some(executable);
        }
    }

    /// The tests; those beside a package's code first, since they take longest, so that at the end there is something
    /// short for every lane.
    pub(super) fn jobs(self) -> impl Iterator<Item = Job> {
        let mut programs = self.programs;
        programs.sort_by_key(|program| !program.is_beside());
        programs.into_iter().flat_map(|program| program.jobs())
    }
}

/// Something that was built; none in what cargo says of other things.
fn artifact(line: &str) -> Option<Artifact> {
    serde_json::from_str(line).ok().filter(|artifact: &Artifact| artifact.reason == "compiler-artifact")
}

impl Program {
    /// Whether it is beside the code of its package, not within.
    fn is_beside(&self) -> bool {
        self.target.kind.iter().any(|kind| kind == "test")
    }

    /// As cargo would run it; those of PostgreSQL also over its newest version.
    fn jobs(&self) -> Vec<Job> {
        let package = self.manifest_dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !self.is_beside() {
            return vec![self.job(package, in_place)];
        }
        let name = format!("{package} {}", self.target.name);
        match &*self.target.name {
            "postgres" => {
                vec![self.job(format!("{name} 18"), newest_postgresql::run), self.job(name, in_place)]
            }
            _ => vec![self.job(name, in_place)],
        }
    }

    fn job(&self, name: String, run: fn(&mut Command, &Log) -> SuiteResult) -> Job {
        let mut command = Command::new(&self.executable);
        command.arg("--quiet").current_dir(&self.manifest_dir).env("CARGO_MANIFEST_DIR", &self.manifest_dir);
        Job { name, work: Box::new(move |log| run(&mut command, log)) }
    }
}

fn in_place(tests: &mut Command, log: &Log) -> SuiteResult {
    log.succeed(tests).map(|()| Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_tests_are_told_from_all_else_that_cargo_builds() {
        let line = |kind: &str, name: &str, test: bool, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/w/crates/x/Cargo.toml","target":{{"name":"{name}","kind":["{kind}"]}},"profile":{{"test":{test}}},"executable":{executable}}}"#
            )
        };
        let mut built = Built::default();
        let lines = [
            line("lib", "x", true, "\"/t/x\""),
            line("test", "random", true, "\"/t/random\""),
            line("bin", "stator", true, "\"/t/stator-test\""),
            line("bin", "stator", false, "\"/t/stator\""),
            line("bin", "loadgen", false, "\"/t/loadgen\""),
            line("lib", "x", false, "null"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        lines.iter().filter_map(|line| artifact(line)).for_each(|artifact| built.add(artifact));
        assert_eq!(built.stator.as_deref(), Some("/t/stator".as_ref()));
        let names: Vec<String> = built.jobs().map(|job| job.name).collect();
        assert_eq!(names, ["x random", "x", "x"]);
    }
}
