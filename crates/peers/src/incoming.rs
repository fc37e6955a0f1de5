//! A call that comes in: who it is from, and the answer to it.

use crate::sealed::{self, BodyHash, Signed};
use crate::{PATH, Peer, Peers, Refusal, SKEW_MICROS_MAX, VERSION};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Uri};
use std::sync::Arc;
use stdx::hex;

pub(crate) const X_VERSION: HeaderName = HeaderName::from_static("x-stator-peer-version");
pub(crate) const X_REGIONS: HeaderName = HeaderName::from_static("x-stator-peer-regions");
pub(crate) const X_TIME: HeaderName = HeaderName::from_static("x-stator-peer-time");
pub(crate) const X_NONCE: HeaderName = HeaderName::from_static("x-stator-peer-nonce");
pub(crate) const X_SIGNATURE: HeaderName = HeaderName::from_static("x-stator-peer-signature");

/// The head of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    path: String,
    version: u32,
    regions: String,
    time_micros: u64,
    nonce: String,
    signature: Vec<u8>,
}

/// A call that a peer has made.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Who calls.
    pub peer: Peer,
    /// What is called.
    pub call: String,
    /// With what.
    pub body: Bytes,
    /// Different in each call, as far as the peer is honest.
    pub nonce: String,
    /// When it was signed, in microseconds since the Unix epoch.
    pub time_micros: u64,
    signature: Vec<u8>,
}

/// An answer as it goes out: its first 64 bytes are its signature in hex, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Signature and body.
    pub body: Vec<u8>,
}

impl Head {
    /// Whether a request is for peers at all.
    pub fn is_at(uri: &Uri) -> bool {
        uri.path().starts_with(PATH)
    }

    /// Reads a head.
    ///
    /// # Errors
    /// Where it is none of a call, or of one in another version.
    pub fn read(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Head, Refusal> {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok();
        let version: u32 = text(X_VERSION).and_then(|version| version.parse().ok()).ok_or(Refusal::NoCall)?;
        if version != VERSION {
            return Err(Refusal::OtherVersion { theirs: version });
        }
        let read = || {
            let signature = hex::decode(text(X_SIGNATURE)?)?;
            let time_micros = text(X_TIME)?.parse().ok()?;
            let (regions, nonce) = (text(X_REGIONS)?.to_owned(), text(X_NONCE)?.to_owned());
            let path = uri.path().to_owned();
            let is_call = method == Method::POST && uri.query().is_none();
            is_call.then_some(Head { path, version, regions, time_micros, nonce, signature })
        };
        read().ok_or(Refusal::NoCall)
    }

    fn signed(&self) -> Signed<'_> {
        Signed {
            version: self.version,
            method: "POST",
            path: &self.path,
            regions: &self.regions,
            time_micros: self.time_micros,
            nonce: &self.nonce,
        }
    }
}

impl Peers {
    /// Finds out who made a call, by its key, and compares what the caller says of itself with what is known of it.
    ///
    /// # Errors
    /// Where it is nobody, or not quite who it should be; then with the answer to send.
    pub fn take(&self, head: Head, body: Bytes) -> Result<Incoming, (Refusal, Answer)> {
        let hash = BodyHash::of(&body);
        let signs = |peer: &&Peer| sealed::is_call(&peer.key, head.signed(), &hash, &head.signature);
        let Some(peer) = self.peers.iter().map(|known| &known.peer).find(signs) else {
            let answer = Answer::unsigned(&Refusal::OtherKey);
            return Err((Refusal::OtherKey, answer));
        };
        let refused = |refusal: Refusal| {
            let body = refusal_text(&refusal);
            let answer = Answer::signed(&peer.key, &head.signature, refusal.status(), body.into_bytes());
            (refusal, answer)
        };
        self.is_in_time(head.time_micros).map_err(refused)?;
        self.hosts_what_it_should(peer, &head.regions).map_err(refused)?;
        let call = head.path.strip_prefix(PATH).unwrap_or_default().to_owned();
        let Head { nonce, time_micros, signature, .. } = head;
        Ok(Incoming { peer: peer.clone(), call, body, nonce, time_micros, signature })
    }

    fn is_in_time(&self, time_micros: u64) -> Result<(), Refusal> {
        let apart = self.clock.now_micros().abs_diff(time_micros);
        match apart > SKEW_MICROS_MAX {
            true => Err(Refusal::OtherTime { seconds: apart / 1_000_000 }),
            false => Ok(()),
        }
    }

    /// Whether a caller says that it hosts what this server was told that it does.
    fn hosts_what_it_should(&self, peer: &Peer, regions: &str) -> Result<(), Refusal> {
        let claimed: Vec<&str> = regions.split(',').collect();
        if same(&peer.regions, &claimed) {
            return Ok(());
        }
        let claim = |region: &&str, host: &str| Refusal::Claimed {
            region: (*region).to_owned(),
            host: host.to_owned(),
        };
        if let Some(region) = claimed.iter().find(|region| self.host(region)) {
            return Err(claim(region, "this server"));
        }
        let others = || self.peers.iter().map(|known| &known.peer).filter(|other| other.name != peer.name);
        let taken = claimed.iter().find_map(|region| {
            let host = others().find(|peer| peer.regions.iter().any(|known| **known == **region))?;
            Some(claim(region, &format!("the peer {:?}", host.name)))
        });
        Err(taken.unwrap_or_else(|| Refusal::OtherRegions { theirs: regions.to_owned() }))
    }
}

/// Whether two lists have the same regions.
pub(crate) fn same(known: &[Arc<str>], claimed: &[&str]) -> bool {
    known.len() == claimed.len() && known.iter().all(|region| claimed.contains(&&**region))
}

/// The body of a refusal: code, line feed, sentence.
fn refusal_text(refusal: &Refusal) -> String {
    format!("{}\n{refusal}", refusal.code())
}

impl Incoming {
    /// The answer to this call.
    pub fn answer(&self, status: u16, body: Vec<u8>) -> Answer {
        Answer::signed(&self.peer.key, &self.signature, status, body)
    }
}

impl Answer {
    /// To somebody who is not known.
    pub fn unsigned(refusal: &Refusal) -> Answer {
        Answer { status: refusal.status(), body: refusal_text(refusal).into_bytes() }
    }

    fn signed(key: &str, of_call: &[u8], status: u16, body: Vec<u8>) -> Answer {
        let signature = sealed::answer(key, of_call, status, &body);
        Answer { status, body: [hex::encode(&signature).into_bytes(), body].concat() }
    }
}
