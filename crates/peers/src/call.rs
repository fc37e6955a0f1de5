//! A call of a peer. Nothing of an answer counts that is not signed for this call, except why a call was refused: where
//! the other side has another key or another version, it cannot sign.

use crate::incoming::{X_NONCE, X_REGIONS, X_SIGNATURE, X_TIME, X_VERSION};
use crate::sealed::{self, BodyHash, Signed};
use crate::{BODY_BYTES_MAX, Known, Link, PATH, Peer, Peers, VERSION};
use http::{Method, Request};
use std::time::Duration;
use stdx::{Random, hex};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

const CONNECT_MAX: Duration = Duration::from_secs(5);
const CALL_MAX: Duration = Duration::from_secs(30);
const SIGNATURE_HEX: usize = 64;
/// A sentence of a stranger is not told at greater length.
const SENTENCE_CHARS_MAX: usize = 400;

/// Why a call of a peer came to nothing. The text is a sentence without its subject: what the peer does or is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// There is no peer that hosts the region.
    #[error("is hosted by no peer of this server")]
    NoPeer,
    /// No answer came. It is not known whether the call was served.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// What answered does not hold the key.
    #[error("gives an answer that is not signed with the key of this peer")]
    Unauthentic,
    /// It does not accept this server as its peer, or is not what it should be.
    #[error("{sentence}")]
    Refused {
        /// For programs.
        code: String,
        /// For people.
        sentence: String,
    },
    /// It knows this server, and says no to the call.
    #[error("says: {sentence}")]
    Said {
        /// For programs.
        code: String,
        /// For people.
        sentence: String,
    },
}

impl CallError {
    /// Whether it is about the two servers, and not about the call: no call is any use until somebody changes that.
    pub fn is_refused(&self) -> bool {
        matches!(self, CallError::Refused { .. } | CallError::Unauthentic)
    }
}

pub(crate) fn agent(peer: &Peer) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_MAX))
        .timeout_global(Some(CALL_MAX))
        .max_redirects(0)
        .proxy(None)
        .user_agent(concat!("stator/", env!("CARGO_PKG_VERSION")));
    let config = match &peer.authorities {
        Some(pem) => {
            let certificates = parse_pem(pem.as_bytes()).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            });
            let certificates: Vec<Certificate<'static>> = certificates.collect();
            let roots = RootCerts::new_with_certs(&certificates);
            config.tls_config(TlsConfig::builder().root_certs(roots).build())
        }
        None => config,
    };
    config.build().into()
}

impl Peers {
    /// Calls the peer that hosts a region. A peer that has not been greeted since something went wrong is greeted
    /// first.
    ///
    /// # Errors
    /// Where it came to nothing.
    pub async fn call(&self, region: &str, call: &str, body: Vec<u8>) -> Result<Vec<u8>, CallError> {
        let known = self.known_of(region).ok_or(CallError::NoPeer)?;
        if !matches!(*known.link.lock(), Link::Up) {
            self.greet(known).await?;
        }
        let called = self.send(known, call, body).await;
        if let Err(error) = &called {
            self.note(known, error);
        }
        called
    }

    /// Greets the peer that hosts a region, if it is not known to be there.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn reach(&self, region: &str) -> Result<(), CallError> {
        let known = self.known_of(region).ok_or(CallError::NoPeer)?;
        self.greet(known).await
    }

    pub(crate) async fn send(&self, known: &Known, call: &str, body: Vec<u8>) -> Result<Vec<u8>, CallError> {
        let _place = known.calls.acquire().await.map_err(|_| unreachable("this server ends"))?;
        let (path, regions) = (format!("{PATH}{call}"), self.hosted.join(","));
        let (peer, agent) = (known.peer.clone(), known.agent.clone());
        let time_micros = self.clock.now_micros();
        let outcome = tokio::task::spawn_blocking(move || {
            let nonce = hex::encode(&Random::secret()[..16]);
            let signed = Signed {
                version: VERSION,
                method: "POST",
                path: &path,
                regions: &regions,
                time_micros,
                nonce: &nonce,
            };
            let signature = sealed::call(&peer.key, signed, &BodyHash::of(&body));
            let url = format!("{}{path}", peer.url.trim_end_matches('/'));
            let request = Request::builder()
                .method(Method::POST)
                .uri(url)
                .header(X_VERSION, VERSION)
                .header(X_REGIONS, &regions)
                .header(X_TIME, time_micros)
                .header(X_NONCE, &nonce)
                .header(X_SIGNATURE, hex::encode(&signature))
                .header(http::header::CONTENT_TYPE, "application/octet-stream")
                .body(body)
                .map_err(|error| unreachable(error.to_string()))?;
            let answer = agent.run(request).map_err(|error| unreachable(error.to_string()))?;
            let status = answer.status().as_u16();
            let mut body = answer.into_body();
            let limit = (BODY_BYTES_MAX + SIGNATURE_HEX) as u64;
            let body = body.with_config().limit(limit).read_to_vec();
            let body = body.map_err(|error| unreachable(error.to_string()))?;
            peer.open_answer(&signature, status, &body)
        });
        outcome.await.unwrap_or_else(|error| Err(unreachable(error.to_string())))
    }
}

fn unreachable(why: impl Into<String>) -> CallError {
    CallError::Unreachable(why.into())
}

impl Peer {
    /// What this peer has answered to the call with a signature.
    ///
    /// # Errors
    /// Where it is no answer of this peer, or it says no.
    pub fn open_answer(&self, of_call: &[u8], status: u16, answer: &[u8]) -> Result<Vec<u8>, CallError> {
        let signed = answer.split_at_checked(SIGNATURE_HEX).and_then(|(signature, body)| {
            let signature = hex::decode(std::str::from_utf8(signature).ok()?)?;
            sealed::is_answer(&self.key, of_call, status, body, &signature).then_some(body)
        });
        match (signed, status) {
            (Some(body), 200) => Ok(body.to_vec()),
            (Some(body), 403) => Err(refused(body)),
            (Some(body), _) => {
                let (code, sentence) = code_and_sentence(body);
                Err(CallError::Said { code, sentence })
            }
            (None, 401 | 426) => Err(refused(answer)),
            (None, 408 | 429 | 500..) => Err(unreachable(format!("it answers with HTTP status {status}"))),
            (None, _) => Err(CallError::Unauthentic),
        }
    }
}

fn refused(body: &[u8]) -> CallError {
    let (code, sentence) = code_and_sentence(body);
    CallError::Refused { sentence: format!("does not accept this server as its peer: {sentence}"), code }
}

fn code_and_sentence(body: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(body);
    let (code, sentence) = text.split_once('\n').unwrap_or(("", &text));
    let printable = |text: &str| -> String {
        text.chars().filter(|char| !char.is_control()).take(SENTENCE_CHARS_MAX).collect()
    };
    (printable(code), printable(sentence))
}
