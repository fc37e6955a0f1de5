//! Authentication: strictness and keys.

use super::file::{self, Mode};
use super::print::quoted;
use super::{allowed, beside};
use crate::cli::{Auth, Invocation};
use crate::failure::Failure;
use identity::{Authenticator, CredentialSource, Credentials, DEFAULT_REGION, Secret, Strictness};
use serde::Deserialize;
use std::collections::HashSet;
use std::env;
use std::fmt::{self, Formatter};
use std::path::{Path, PathBuf};
use sts::Issuers;
use sts::issuers::{KeySource, Loopback};

/// `[auth]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthSection {
    /// As `--auth`.
    mode: Option<AuthKey>,
    /// The one region every table is in, whatever region a client is set to.
    shared_region: Option<String>,
    /// How often credentials from one address may be wrong in a minute; 0: any number of times.
    failures_per_minute: Option<i64>,
    /// Access keys.
    keys: Vec<KeySection>,
    /// Identity providers whose tokens can be verified.
    issuers: Vec<IssuerSection>,
}

/// `[[auth.issuers]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerSection {
    /// As tokens have it.
    url: String,
    /// A file with its JSON Web Key Set, relative to the file it is in, or `http://` with an address of this machine.
    jwks: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AuthKey {
    Off,
    Form,
    Verify,
}

/// `[[auth.keys]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeySection {
    id: String,
    #[serde(default)]
    secret: Option<String>,
    /// A file with nothing but the secret; its path is relative to the file it is in.
    #[serde(default)]
    secret_file: Option<PathBuf>,
}

impl std::fmt::Debug for KeySection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySection").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The authentication of this run.
#[derive(Debug)]
pub(crate) struct AuthConfig {
    strictness: Strictness,
    shared_region: Option<String>,
    credentials: Credentials,
    /// Of the keys, for people.
    key_ids: Vec<String>,
    issuers: Vec<(String, KeySource)>,
    failures_per_minute: u32,
}

impl AuthConfig {
    /// In production nothing but verified signatures is the default.
    pub(super) fn resolve(told: &Invocation, file: AuthSection, mode: Mode) -> Result<Self, Failure> {
        let default = if mode == Mode::Production { Strictness::Verify } else { Strictness::Form };
        let strictness = told.auth.map(of_flag).or(file.mode.map(of_key)).unwrap_or(default);
        let mut key_ids: Vec<_> = file.keys.iter().map(|key| key.id.clone()).collect();
        key_ids.extend(env::var("STATOR_ACCESS_KEY_ID").ok().filter(|id| !id.is_empty()));
        let credentials = with_environment(credentials(file.keys, told.config.as_deref())?)?;
        if strictness == Strictness::Verify && credentials.is_empty() {
            return Err(Failure::Usage(NO_KEYS.to_owned()));
        }
        let of_flag = told.shared_regions.then(|| DEFAULT_REGION.to_owned());
        let config = told.config.as_deref();
        let issuer = |IssuerSection { url, jwks }| Ok((url, key_source(config, &jwks)?));
        let issuers = file.issuers.into_iter().map(issuer).collect::<Result<_, Failure>>()?;
        let shared_region = file.shared_region.or(of_flag);
        let failures = file.failures_per_minute.unwrap_or(FAILURES_PER_MINUTE);
        let failures = allowed("auth", "failures_per_minute", 0..=1_000_000, failures)?;
        let failures_per_minute = u32::try_from(failures).expect("it is at most a million");
        Ok(AuthConfig { strictness, shared_region, credentials, key_ids, issuers, failures_per_minute })
    }

    /// Whether signatures are verified.
    pub(crate) fn verifies(&self) -> bool {
        self.strictness == Strictness::Verify
    }

    /// As `[auth]`, with the secrets left out.
    pub(super) fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mode = match self.strictness {
            Strictness::Off => "off",
            Strictness::Form => "form",
            Strictness::Verify => "verify",
        };
        writeln!(f, "[auth]\nmode = {}", quoted(mode))?;
        writeln!(f, "failures_per_minute = {}", self.failures_per_minute)?;
        if let Some(region) = &self.shared_region {
            writeln!(f, "shared_region = {}", quoted(region))?;
        }
        for id in &self.key_ids {
            writeln!(f, "\n[[auth.keys]]\nid = {}\nsecret = \"(not shown)\"", quoted(id))?;
        }
        for (url, jwks) in &self.issuers {
            let jwks = match jwks {
                KeySource::File(path) => path.display().to_string(),
                KeySource::Server(server) => server.to_string(),
            };
            writeln!(f, "\n[[auth.issuers]]\nurl = {}\njwks = {}", quoted(url), quoted(&jwks))?;
        }
        writeln!(f)
    }

    /// Identity providers whose tokens can be verified.
    pub(crate) fn issuers(&self) -> Issuers {
        self.issuers.iter().fold(Issuers::default(), |known, (url, jwks)| known.with(url, jwks.clone()))
    }

    /// Whether there is a key that a signature could be of.
    pub(super) fn has_keys(&self) -> bool {
        !self.credentials.is_empty()
    }

    /// Whether every table is in every region.
    pub(crate) fn shares_regions(&self) -> bool {
        self.shared_region.is_some()
    }

    /// The region that every table is in, if there is one.
    pub(super) fn shared_region(&self) -> Option<&str> {
        self.shared_region.as_deref()
    }

    /// The access keys of this run: each is its account's own.
    pub(crate) fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// What checks the credentials of requests, by keys from a source.
    pub(crate) fn authenticator(&self, source: impl CredentialSource + 'static) -> Authenticator {
        let authenticator = Authenticator::new(self.strictness).with_credentials(source);
        let authenticator = authenticator.with_failures_per_minute(self.failures_per_minute);
        match &self.shared_region {
            Some(region) => authenticator.with_shared_region(region),
            None => authenticator,
        }
    }
}

/// A person who has mistyped a secret, and a client that tries it again, stay below; who guesses does not.
const FAILURES_PER_MINUTE: i64 = 60;

const NO_KEYS: &str = "verifying signatures needs an access key: set STATOR_ACCESS_KEY_ID and \
                       STATOR_SECRET_ACCESS_KEY, or add [[auth.keys]] with id and secret to stator.toml";

/// Keys over the network of others could be anybody's, so only this machine is asked.
fn key_source(config: Option<&Path>, jwks: &str) -> Result<KeySource, Failure> {
    if !jwks.contains("://") {
        return Ok(KeySource::File(beside(config, Path::new(jwks))));
    }
    Loopback::parse(jwks).map(KeySource::Server).ok_or_else(|| {
        Failure::Usage(format!(
            "[[auth.issuers]] has jwks = {jwks:?}; it takes a file, or http:// with an address of this machine"
        ))
    })
}

/// An empty secret protects nothing, and of two secrets of one key only the last would count.
fn credentials(keys: Vec<KeySection>, config: Option<&Path>) -> Result<Credentials, Failure> {
    let mut ids = HashSet::new();
    let mut known = Credentials::default();
    for KeySection { id, secret, secret_file } in keys {
        if id.is_empty() {
            return Err(refused("a key with an empty id; name the access key the clients use"));
        }
        let secret = match (secret, secret_file) {
            (Some(secret), None) => secret,
            (None, Some(path)) => secret_in(&beside(config, &path))?,
            (Some(_), Some(_)) => {
                return Err(refused(&format!("the key {id:?} with secret and secret_file; keep one")));
            }
            (None, None) => {
                return Err(refused(&format!("the key {id:?} without secret or secret_file; add one")));
            }
        };
        if secret.is_empty() {
            return Err(refused(&format!("the key {id:?} with an empty secret; give it a secret")));
        }
        if !ids.insert(id.clone()) {
            return Err(refused(&format!("the key {id:?} twice; each id can stand there once")));
        }
        known = known.with(id, Secret::new(secret));
    }
    Ok(known)
}

/// The text of a file without the line's end.
fn secret_in(path: &Path) -> Result<String, Failure> {
    let text = file::text(path)
        .map_err(|error| refused(&format!("secret_file = {path:?}, which cannot be read: {error}")));
    Ok(text?.trim_end_matches(['\r', '\n']).to_owned())
}

fn refused(what: &str) -> Failure {
    Failure::Usage(format!("[[auth.keys]] has {what}"))
}

fn with_environment(known: Credentials) -> Result<Credentials, Failure> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("STATOR_ACCESS_KEY_ID"), variable("STATOR_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => Ok(known.with(id, Secret::new(secret))),
        (None, None) => Ok(known),
        _ => Err(Failure::Usage(
            "STATOR_ACCESS_KEY_ID and STATOR_SECRET_ACCESS_KEY belong together; set both or none".to_owned(),
        )),
    }
}

fn of_flag(auth: Auth) -> Strictness {
    match auth {
        Auth::Off => Strictness::Off,
        Auth::Form => Strictness::Form,
        Auth::Verify => Strictness::Verify,
    }
}

fn of_key(key: AuthKey) -> Strictness {
    match key {
        AuthKey::Off => Strictness::Off,
        AuthKey::Form => Strictness::Form,
        AuthKey::Verify => Strictness::Verify,
    }
}
