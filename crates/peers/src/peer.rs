//! A peer as its server is told of it, and what makes no sense together.

use std::collections::HashSet;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Peers of one server.
pub const PEERS_MAX: usize = 16;
/// Regions of one server.
pub const REGIONS_MAX: usize = 64;
/// The shortest key.
pub const KEY_BYTES_MIN: usize = 32;
const KEY_BYTES_MAX: usize = 1_024;
const NAME_BYTES_MAX: usize = 64;

/// A server, or several on one store, that hosts other regions.
#[derive(Clone)]
pub struct Peer {
    /// What people call it.
    pub name: String,
    /// Where it is, such as `https://db.example.com:8000`.
    pub url: String,
    /// The regions it hosts.
    pub regions: Vec<Arc<str>>,
    /// What both sides prove that they have.
    pub key: Zeroizing<String>,
    /// The authorities in PEM that its certificate is trusted by, where those of the world do not count.
    pub authorities: Option<String>,
}

impl Peer {
    /// Whether a server that hosts some regions can have these peers; if not, a sentence that says why.
    ///
    /// # Errors
    /// With that sentence.
    pub fn check_all(hosted: &[Arc<str>], peers: &[Peer]) -> Result<(), String> {
        if peers.len() > PEERS_MAX {
            return Err(format!("there are {} peers; a server can have {PEERS_MAX}", peers.len()));
        }
        if hosted.is_empty() && !peers.is_empty() {
            return Err("a server with peers must name the regions it hosts itself".to_owned());
        }
        let mut names = HashSet::new();
        let mut claimed: Vec<(&str, &str)> = Vec::new();
        let own = hosted.iter().map(|region| ("this server", region));
        let theirs = peers.iter().flat_map(|peer| peer.regions.iter().map(|region| (&*peer.name, region)));
        for (who, region) in own.chain(theirs) {
            if !is_region(region) {
                return Err(format!("{region:?} is no region"));
            }
            if let Some((other, _)) = claimed.iter().find(|(_, known)| *known == &**region) {
                return Err(format!("{region} is hosted twice: by {other} and by {who}"));
            }
            claimed.push((who, region));
        }
        for peer in peers {
            peer.check()?;
            if !names.insert(&*peer.name) {
                return Err(format!("two peers are called {:?}", peer.name));
            }
            // A signature does not say for whom it is, so that a call for one peer would be one for the other.
            if let Some(other) = peers.iter().find(|other| other.name != peer.name && other.key == peer.key) {
                return Err(format!(
                    "the peers {:?} and {:?} have the same key; each needs one of its own",
                    peer.name, other.name
                ));
            }
        }
        if claimed.len() > REGIONS_MAX {
            return Err(format!("there are more than {REGIONS_MAX} regions"));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let Peer { name, url, regions, key, .. } = self;
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(format!("the name of a peer has 1 to {NAME_BYTES_MAX} bytes; one is {name:?}"));
        }
        if regions.is_empty() {
            return Err(format!("the peer {name:?} hosts no regions"));
        }
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) {
            return Err(format!(
                "the key of the peer {name:?} has {} bytes; it must have {KEY_BYTES_MIN} to {KEY_BYTES_MAX}, such as \
                 what `openssl rand -hex 32` prints",
                key.len()
            ));
        }
        let uri: Option<http::Uri> = url.parse().ok();
        let uri =
            uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
        let uri = uri.filter(|uri| {
            let names_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
            matches!(uri.path(), "" | "/") && uri.query().is_none() && !names_user
        });
        let Some(uri) = uri else {
            return Err(format!(
                "the url of the peer {name:?} is {url:?}; it must be like https://db.example.com:8000"
            ));
        };
        if self.authorities.is_some() && uri.scheme_str() != Some("https") {
            return Err(format!("the peer {name:?} has authorities, which are for https, and an http url"));
        }
        Ok(())
    }
}

/// Lower-case letters, digits and hyphens: what may stand in a header and in an ARN.
fn is_region(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 32 && text.bytes().all(is_part)
}

/// Without the key.
impl Debug for Peer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Peer { name, url, regions, .. } = self;
        f.debug_struct("Peer")
            .field("name", name)
            .field("url", url)
            .field("regions", regions)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: &str, url: &str, regions: &[&str]) -> Peer {
        let regions = regions.iter().map(|region| (*region).into()).collect();
        let key = Zeroizing::new(name.repeat(32));
        Peer { name: name.to_owned(), url: url.to_owned(), regions, key, authorities: None }
    }

    fn fault(hosted: &[&str], peers: &[Peer]) -> String {
        let hosted: Vec<Arc<str>> = hosted.iter().map(|region| (*region).into()).collect();
        Peer::check_all(&hosted, peers).err().unwrap_or_default()
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let of = |regions: &[&str]| peer("a", "http://localhost:1", regions);
        assert_eq!(fault(&["us-east-1"], &[of(&["eu-west-1"])]), "");
        assert_eq!(fault(&[], &[]), "");
        assert!(fault(&[], &[of(&["eu-west-1"])]).contains("must name the regions"));
        assert!(
            fault(&["us-east-1"], &[of(&["us-east-1"])]).contains("hosted twice: by this server and by a")
        );
        let two = [of(&["eu-west-1"]), peer("b", "http://localhost:2", &["eu-west-1"])];
        assert!(fault(&["us-east-1"], &two).contains("hosted twice: by a and by b"));
        let two = [of(&["eu-west-1"]), of(&["eu-west-2"])];
        assert!(fault(&["us-east-1"], &two).contains("two peers are called"));
        let two = [
            of(&["eu-west-1"]),
            Peer { key: of(&[]).key, ..peer("b", "http://localhost:2", &["eu-west-2"]) },
        ];
        assert!(fault(&["us-east-1"], &two).contains("have the same key"));
        assert!(fault(&["us-east-1"], &[of(&[])]).contains("hosts no regions"));
        assert!(fault(&["Us"], &[]).contains("is no region"));
        let short = Peer { key: Zeroizing::new("short".to_owned()), ..of(&["eu-west-1"]) };
        assert!(fault(&["us-east-1"], &[short]).contains("has 5 bytes"));
        for url in ["localhost:1", "ftp://a", "http://a/b", "http://a?b", "http://u@a", ""] {
            assert!(
                fault(&["us-east-1"], &[peer("a", url, &["eu-west-1"])]).contains("must be like"),
                "{url}"
            );
        }
        let plain = Peer { authorities: Some(String::new()), ..of(&["eu-west-1"]) };
        assert!(fault(&["us-east-1"], &[plain]).contains("are for https"));
        assert!(!format!("{:?}", of(&["eu-west-1"])).contains("aaa"));
    }
}
