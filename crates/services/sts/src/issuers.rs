//! Identity providers whose tokens can be verified, and their keys: a JSON Web Key Set in a file, or at a URL of this
//! machine. It is read at each use, so keys can be changed; nothing else on the network is spoken to.

use crate::errors;
use crate::web_token::KeySet;
use model::ApiError;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest key set that is read.
const KEYS_BYTES_MAX: u64 = 1 << 20;
/// How long a server may take to send its keys.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where keys are, by issuer without `https://`.
#[derive(Debug, Clone, Default)]
pub struct Issuers(BTreeMap<String, KeySource>);

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// At a server on this machine.
    Server(Loopback),
}

/// `http://` with an address or name of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loopback {
    address: SocketAddr,
    /// As the URL has it.
    authority: String,
    path: String,
}

impl Issuers {
    /// The same and one more.
    pub fn with(mut self, url: &str, keys: KeySource) -> Self {
        self.0.insert(plain(url).to_owned(), keys);
        self
    }

    /// The keys of an issuer.
    ///
    /// # Errors
    /// When they cannot be had.
    pub(crate) async fn keys(&self, issuer: &str) -> Result<KeySet, ApiError> {
        let text = match self.0.get(issuer).ok_or_else(errors::no_keys)? {
            KeySource::File(path) => {
                let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= KEYS_BYTES_MAX);
                small.then(|| std::fs::read(path).ok()).flatten()
            }
            KeySource::Server(server) => {
                tokio::time::timeout(PATIENCE, server.get()).await.ok().and_then(Result::ok).flatten()
            }
        };
        text.and_then(|text| serde_json::from_slice(&text).ok()).ok_or_else(errors::no_keys)
    }
}

/// A URL as providers are named by it.
pub(crate) fn plain(url: &str) -> &str {
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.trim_end_matches('/')
}

impl std::fmt::Display for Loopback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

impl Loopback {
    /// Takes a URL apart; `None` for one that leads to another machine, or is none.
    pub fn parse(url: &str) -> Option<Loopback> {
        let rest = url.strip_prefix("http://")?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, 80),
        };
        let address: IpAddr = match host {
            "localhost" => [127, 0, 0, 1].into(),
            host => host.trim_matches(['[', ']']).parse().ok()?,
        };
        let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic());
        let (authority, path) = (authority.to_owned(), path.to_owned());
        let loopback = Loopback { address: SocketAddr::new(address, port), authority, path };
        (address.is_loopback() && is_plain).then_some(loopback)
    }

    /// The body that is there; `None` for any answer but 200. A server of HTTP/1.0 closes behind its body, so its
    /// length need not be known.
    async fn get(&self) -> std::io::Result<Option<Vec<u8>>> {
        let mut stream = TcpStream::connect(self.address).await?;
        let head = format!("GET {} HTTP/1.0\r\nHost: {}\r\nAccept: */*\r\n\r\n", self.path, self.authority);
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(KEYS_BYTES_MAX).read_to_end(&mut answer).await?;
        let is_ok = answer.starts_with(b"HTTP/1.") && answer.get(9..12) == Some(b"200");
        let body = answer.windows(4).position(|end| end == b"\r\n\r\n").map(|end| answer.split_off(end + 4));
        Ok(body.filter(|_| is_ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to() {
        for (url, address) in [
            ("http://127.0.0.1:8081/jwks.json", "127.0.0.1:8081"),
            ("http://localhost/keys?x=1", "127.0.0.1:80"),
            ("http://[::1]:9/", "[::1]:9"),
        ] {
            let parsed = Loopback::parse(url).expect(url);
            assert_eq!(parsed.address.to_string(), address);
        }
        for url in [
            "https://localhost/keys",
            "http://10.0.0.1/keys",
            "http://localhost.example.com/",
            "http://localhost/a b",
            "http://localhost:x/",
            "idp.json",
        ] {
            assert_eq!(Loopback::parse(url), None, "{url}");
        }
    }
}
