//! The regions that this server hosts, and the servers that host others: global tables between servers.

use super::print::quoted;
use super::{beside, file};
use crate::cli::Invocation;
use crate::failure::Failure;
use ::peers::Peer;
use serde::Deserialize;
use std::fmt::{self, Formatter};
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// `[global_tables]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GlobalTablesSection {
    /// The regions that this server hosts.
    regions: Vec<String>,
    peers: Vec<PeerSection>,
}

/// `[[global_tables.peers]]`; paths are relative to the file they are in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeerSection {
    name: String,
    url: String,
    regions: Vec<String>,
    key: Option<String>,
    key_file: Option<PathBuf>,
    ca: Option<PathBuf>,
}

/// Without the key.
impl fmt::Debug for PeerSection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerSection")
            .field("name", &self.name)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What this server and its peers host. Without peers a server hosts all regions.
#[derive(Debug, Default)]
pub(crate) struct PeersConfig {
    pub(crate) regions: Vec<Arc<str>>,
    pub(crate) peers: Vec<Peer>,
    /// The files that key and authority of each came from.
    files: Vec<(Option<PathBuf>, Option<PathBuf>)>,
}

impl PeersConfig {
    pub(super) fn resolve(told: &Invocation, section: GlobalTablesSection) -> Result<Self, Failure> {
        let GlobalTablesSection { regions, peers: sections } = section;
        if !regions.is_empty() && sections.is_empty() {
            return Err(usage(
                "has regions and no peers: a server without peers hosts all regions".to_owned(),
            ));
        }
        let shared = |regions: Vec<String>| regions.into_iter().map(Arc::from).collect::<Vec<Arc<str>>>();
        let regions = shared(regions);
        let (mut peers, mut files) = (Vec::new(), Vec::new());
        for PeerSection { name, url, regions, key, key_file, ca } in sections {
            let place = |path: PathBuf| beside(told.config.as_deref(), &path);
            let (key_file, ca) = (key_file.map(place), ca.map(place));
            let key = match (key, &key_file) {
                (Some(key), None) => Zeroizing::new(key),
                (None, Some(path)) => Zeroizing::new(read("key_file", &name, path)?.trim().to_owned()),
                (None, None) => {
                    return Err(usage(format!("has the peer {name:?} without a key: add key_file, or key")));
                }
                (Some(_), Some(_)) => {
                    return Err(usage(format!(
                        "has the peer {name:?} with key and key_file; keep one of them"
                    )));
                }
            };
            let authorities = ca.as_ref().map(|path| read("ca", &name, path)).transpose()?;
            if authorities.as_ref().is_some_and(|pem| !pem.contains("-----BEGIN CERTIFICATE-----")) {
                return Err(usage(format!("has the peer {name:?}, in whose ca is no certificate in PEM")));
            }
            peers.push(Peer { name, url, regions: shared(regions), key, authorities });
            files.push((key_file, ca));
        }
        Peer::check_all(&regions, &peers).map_err(|why| usage(format!("does not fit: {why}")))?;
        Ok(PeersConfig { regions, peers, files })
    }

    pub(super) fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.peers.is_empty() {
            return Ok(());
        }
        let list = |regions: &[Arc<str>]| {
            let all: Vec<_> = regions.iter().map(quoted).collect();
            all.join(", ")
        };
        writeln!(f, "[global_tables]\nregions = [{}]\n", list(&self.regions))?;
        for (peer, (key_file, ca)) in self.peers.iter().zip(&self.files) {
            let (name, url) = (quoted(&peer.name), quoted(&peer.url));
            writeln!(f, "[[global_tables.peers]]\nname = {name}\nurl = {url}")?;
            writeln!(f, "regions = [{}]", list(&peer.regions))?;
            match key_file {
                Some(path) => writeln!(f, "key_file = {}", quoted(&path.display()))?,
                None => writeln!(f, "# key is not shown")?,
            }
            if let Some(path) = ca {
                writeln!(f, "ca = {}", quoted(&path.display()))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn read(key: &str, name: &str, path: &std::path::Path) -> Result<String, Failure> {
    file::text(path).map_err(|error| {
        usage(format!("has the peer {name:?} with {key} = {path:?}, which cannot be read: {error}"))
    })
}

fn usage(sentence: String) -> Failure {
    Failure::Usage(format!("[global_tables] {sentence}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<PeersConfig, Failure> {
        let section = toml::from_str::<GlobalTablesSection>(text).expect("a section");
        PeersConfig::resolve(&Invocation::default(), section)
    }

    fn refused(text: &str, expect: &str) {
        let text = resolve(text).err().unwrap_or_else(|| panic!("not refused: {expect}")).to_string();
        assert!(text.contains(expect), "{text}");
    }

    const PEER: &str = "regions = [\"us-east-1\"]\n[[peers]]\nname = \"eu\"\nurl = \"http://localhost:1\"\nregions = [\"eu-west-1\"]\n";
    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn half_settings_are_refused() {
        assert!(resolve("").expect("none").peers.is_empty());
        refused("regions = [\"us-east-1\"]", "no peers");
        refused(PEER, "without a key");
        refused(&format!("{PEER}key = \"{KEY}\"\nkey_file = \"x\""), "keep one of them");
        refused(&format!("{PEER}key_file = \"there-is-none\""), "cannot be read");
        refused(&format!("{PEER}key = \"short\""), "has 5 bytes");
        refused(&format!("{PEER}key = \"{KEY}\"\nca = \"there-is-none\""), "cannot be read");
        let without_regions = PEER.replacen("regions = [\"us-east-1\"]\n", "", 1);
        refused(&format!("{without_regions}key = \"{KEY}\""), "must name the regions it hosts");
        refused(&format!("{}key = \"{KEY}\"", PEER.replace("eu-west-1", "us-east-1")), "hosted twice");
        refused(&format!("{}key = \"{KEY}\"", PEER.replace("http:", "ftp:")), "must be like https://");
    }

    #[test]
    fn a_key_is_not_shown() {
        struct Shown(PeersConfig);
        impl fmt::Display for Shown {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                self.0.write(f)
            }
        }
        let config = resolve(&format!("{PEER}key = \"{KEY}\"")).expect("it fits");
        assert!(!format!("{config:?}").contains(KEY));
        let shown = Shown(config).to_string();
        assert!(shown.contains("name = \"eu\"") && !shown.contains(KEY), "{shown}");
    }
}
