//! Whom the server believes.

use super::file::Mode;
use crate::cli::{Auth, Invocation};
use crate::failure::Failure;
use identity::{Authenticator, Credentials, DEFAULT_REGION, Secret, Strictness};
use serde::Deserialize;
use std::collections::HashSet;
use std::env;

/// `[auth]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthSection {
    /// As `--auth`.
    mode: Option<AuthKey>,
    /// The one region every table is in, whatever region a client is set to.
    shared_region: Option<String>,
    /// Access keys.
    keys: Vec<KeySection>,
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
    secret: String,
}

impl std::fmt::Debug for KeySection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySection").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whom this run believes.
#[derive(Debug)]
pub(crate) struct AuthConfig {
    strictness: Strictness,
    shared_region: Option<String>,
    credentials: Credentials,
}

impl AuthConfig {
    /// In production nothing but verified signatures is the default.
    pub(super) fn resolve(told: &Invocation, file: AuthSection, mode: Mode) -> Result<Self, Failure> {
        let default = if mode == Mode::Production { Strictness::Verify } else { Strictness::Form };
        let strictness = told.auth.map(of_flag).or(file.mode.map(of_key)).unwrap_or(default);
        let credentials = with_environment(credentials(file.keys)?)?;
        if strictness == Strictness::Verify && credentials.is_empty() {
            return Err(Failure::Usage(NO_KEYS.to_owned()));
        }
        let of_flag = told.shared_regions.then(|| DEFAULT_REGION.to_owned());
        Ok(AuthConfig { strictness, shared_region: file.shared_region.or(of_flag), credentials })
    }

    /// Whether strangers are kept out.
    pub(crate) fn verifies(&self) -> bool {
        self.strictness == Strictness::Verify
    }

    /// Whether every table is in every region.
    pub(crate) fn shares_regions(&self) -> bool {
        self.shared_region.is_some()
    }

    /// The region that every table is in, if there is one.
    pub(super) fn shared_region(&self) -> Option<&str> {
        self.shared_region.as_deref()
    }

    /// What checks the credentials of requests.
    pub(crate) fn authenticator(&self) -> Authenticator {
        let authenticator = Authenticator::new(self.strictness).with_credentials(self.credentials.clone());
        match &self.shared_region {
            Some(region) => authenticator.with_shared_region(region),
            None => authenticator,
        }
    }
}

const NO_KEYS: &str = "verifying signatures needs an access key: set STATOR_ACCESS_KEY_ID and \
                       STATOR_SECRET_ACCESS_KEY, or add [[auth.keys]] with id and secret to stator.toml";

/// An empty secret is known to everybody, and of two secrets of one key only the last would count.
fn credentials(keys: Vec<KeySection>) -> Result<Credentials, Failure> {
    let mut ids = HashSet::new();
    let mut known = Credentials::default();
    for KeySection { id, secret } in keys {
        if id.is_empty() {
            return Err(refused("a key with an empty id; name the access key the clients use"));
        }
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
