//! Signatures for the services that answer no request without one: each account has a key of its own number.

use crate::services::SERVICES;
use http::header::AUTHORIZATION;
use identity::{AuthError, CredentialSource, Identified, Secret, Signer};
use pipeline::{Callers, Request};

const SECRET: &str = "of-every-account";

/// The keys of the server.
#[derive(Debug)]
pub(super) struct Accounts;

impl CredentialSource for Accounts {
    fn find(&self, access_key_id: &str, _: Option<&str>) -> Result<Identified, AuthError> {
        let is_account = access_key_id.len() == 12 && access_key_id.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| Identified::root(Secret::new(SECRET))).ok_or(AuthError::UnknownKey)
    }

    fn generation(&self) -> u64 {
        0
    }
}

/// Signs a request as of now, if it has the credentials of its case and is one of a service that verifies.
pub(super) fn sign_where_verified(call: &mut Request, now_micros: u64) {
    let header = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((scope, _)) = header
        .strip_suffix("Signature=0000")
        .and_then(|header| header.split_once("Credential="))
        .and_then(|(_, rest)| rest.split_once(','))
    else {
        return;
    };
    let parts: Vec<String> = scope.split('/').map(str::to_owned).collect();
    let [access_key_id, _, region, service, _] = &parts[..] else { return };
    let known = SERVICES.iter().find(|known| known.signing_name == service);
    if known.is_none_or(|known| known.callers == Callers::Believed) {
        return;
    }
    let signer = Signer {
        access_key_id: access_key_id.clone(),
        secret: Secret::new(SECRET),
        session_token: None,
        region: region.clone(),
    };
    let (method, uri) = (call.method.clone(), call.uri.clone());
    _ = signer.sign(service, (&method, &uri), &mut call.headers, &call.body, now_micros);
}
