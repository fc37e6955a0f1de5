//! The packages of the workspace: each licence is one `deny.toml` allows, each comes from the registry, and a second
//! version of a package is present only where `deny.toml` allows it.
//!
//! `deny.toml` is `cargo-deny`'s own format. That tool takes minutes to build and fetches a database of advisories;
//! these two of its checks need only `cargo metadata`.

use super::tree::Tree;
use crate::cargo::cargo;
use serde::Deserialize;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

/// A version that is allowed beside another one of its package.
#[derive(Deserialize)]
struct Skip {
    /// `name@version`, the version as far as it matters.
    #[serde(rename = "crate")]
    package: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

pub(super) fn problems(tree: &Tree) -> Result<Vec<String>, String> {
    let deny = tree.text("deny.toml").ok_or("deny.toml is missing")?;
    let deny: Deny = toml::from_str(deny).map_err(|error| format!("deny.toml: {error}"))?;
    let packages = packages()?;
    let mut problems: Vec<String> =
        packages.iter().filter_map(|package| licence(package, &deny.licenses)).collect();
    problems.extend(packages.iter().filter_map(source));
    problems.extend(duplicates(&packages, &deny.bans.skip));
    Ok(problems)
}

/// What is built for Linux, tests and build scripts included.
fn packages() -> Result<Vec<Package>, String> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let used: BTreeSet<String> = metadata.resolve.nodes.into_iter().map(|node| node.id).collect();
    Ok(metadata.packages.into_iter().filter(|package| used.contains(&package.id)).collect())
}

fn licence(package: &Package, allowed: &Licenses) -> Option<String> {
    let Package { name, license, .. } = package;
    let Some(stated) = license else { return Some(format!("{name}: states no licence")) };
    let Ok(expression) = Expression::parse_mode(stated, ParseMode::LAX) else {
        return Some(format!("{name}: {stated} is no licence expression"));
    };
    let is_met = expression.evaluate(|term| allowed.allow.contains(&term.to_string()));
    (!is_met).then(|| format!("{name}: deny.toml does not allow {stated}"))
}

fn source(package: &Package) -> Option<String> {
    let is_known = package.source.as_ref().is_none_or(|source| source.starts_with("registry+"));
    (!is_known).then(|| format!("{}: comes from {:?}", package.name, package.source))
}

/// All versions of a package but the newest need a line in `deny.toml`; a line without its package is idle.
fn duplicates(packages: &[Package], skips: &[Skip]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    let several = || versions.iter().filter(|(_, versions)| versions.len() > 1);
    let is_skipped = |name: &str, version: &str| skips.iter().any(|skip| skip.covers(name, version));
    let unnamed = several()
        .filter(|(name, versions)| versions.iter().filter(|version| !is_skipped(name, version)).count() > 1);
    let idle = skips.iter().filter(|skip| {
        !several().any(|(name, versions)| versions.iter().any(|version| skip.covers(name, version)))
    });
    unnamed
        .map(|(name, versions)| format!("{name}: versions {} and no line in deny.toml", versions.join(", ")))
        .chain(idle.map(|skip| format!("deny.toml: {} is not there twice", skip.package)))
        .collect()
}

impl Skip {
    fn covers(&self, name: &str, version: &str) -> bool {
        self.package.split_once('@').is_some_and(|(own, prefix)| {
            own == name
                && version.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, license: &str) -> Package {
        Package {
            id: format!("{name} {version}"),
            name: name.into(),
            version: version.into(),
            license: Some(license.into()),
            source: None,
        }
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        let allowed = Licenses { allow: ["MIT", "Unicode-3.0"].map(str::to_owned).into() };
        let check = |license| licence(&package("a", "1.0.0", license), &allowed);
        assert_eq!(check("MIT/Apache-2.0"), None);
        assert_eq!(check("(MIT OR Apache-2.0) AND Unicode-3.0"), None);
        assert_eq!(
            check("MIT AND GPL-2.0-only"),
            Some("a: deny.toml does not allow MIT AND GPL-2.0-only".into())
        );
        assert!(check("whatever").is_some());
    }

    #[test]
    fn a_second_version_needs_a_line() {
        let packages =
            [package("a", "1.0.1", "MIT"), package("a", "2.0.0", "MIT"), package("b", "1.0.0", "MIT")];
        let check = |lines: &[&str]| {
            let skips: Vec<Skip> = lines.iter().map(|line| Skip { package: (*line).into() }).collect();
            duplicates(&packages, &skips)
        };
        assert_eq!(check(&[]), ["a: versions 1.0.1, 2.0.0 and no line in deny.toml"]);
        assert!(check(&["a@1.0"]).is_empty());
        assert_eq!(check(&["a@1.0", "b@1"]), ["deny.toml: b@1 is not there twice"]);
        assert_eq!(check(&["a@1.1"]).len(), 2);
    }
}
