//! Callers of protocols other than HTTP, who present the finished text that they signed instead of a request.
//!
//! ```text
//! AWS4-HMAC-SHA256
//! 20260131T235959Z
//! 20260131/us-east-1/dax/aws4_request
//! hex(SHA-256(canonical request))
//! ```

use super::{Authenticator, Strictness};
use crate::auth_error::AuthError;
use crate::caller::{Caller, DEFAULT_REGION};
use crate::form::Carrier;
use crate::scope::Scope;
use crate::sigv4::{self, amz_date};
use std::sync::Arc;

/// A text and who says to have signed it.
#[derive(Debug, Clone, Copy)]
pub struct SignedText<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The signature: 64 lower-case hexadecimal digits.
    pub signature: &'a str,
    /// The text.
    pub text: &'a [u8],
    /// The token of a session.
    pub session_token: Option<&'a str>,
    /// The hosts whose canonical request may have been signed: `POST /` without a body, with host and date.
    pub hosts: &'a [&'a str],
    /// When it came, in microseconds since the Unix epoch.
    pub received_micros: u64,
    /// What time it is, in microseconds since the Unix epoch.
    pub now_micros: u64,
}

/// A caller whose text was accepted.
#[derive(Debug, Clone)]
pub struct Authorized {
    /// Who it is.
    pub caller: Arc<Caller>,
    /// When its session ends, in microseconds since the Unix epoch.
    pub expires_micros: Option<u64>,
    /// The keys that it was read from: with another generation it is to be read again.
    pub generation: u64,
}

/// The lines of a text.
struct Lines<'a> {
    date: &'a str,
    scope: Scope<'a>,
    digest: &'a str,
}

impl<'a> Lines<'a> {
    fn of(access_key_id: &'a str, text: &'a [u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(text).ok()?.split('\n');
        let mut next = || lines.next();
        let (algorithm, date, scope, digest) = (next()?, next()?, next()?, next()?);
        let mut elements = scope.split('/');
        let mut element = || elements.next();
        let (date_of_scope, region, service, terminator) = (element()?, element()?, element()?, element()?);
        let is_whole = lines.next().is_none() && elements.next().is_none() && algorithm == sigv4::ALGORITHM;
        let scope = Scope { access_key_id, date: date_of_scope, region, service, terminator };
        is_whole.then_some(Lines { date, scope, digest })
    }
}

impl Authenticator {
    /// The caller who presents a text that is signed for a service, as strictly as for requests.
    ///
    /// # Errors
    /// Why the caller is refused.
    pub fn authenticate_text(&self, signed: &SignedText<'_>, service: &str) -> Result<Authorized, AuthError> {
        let generation = self.source.generation();
        let lines = Lines::of(signed.access_key_id, signed.text);
        let believed =
            |caller: Caller| Authorized { caller: Arc::new(caller), expires_micros: None, generation };
        if self.strictness == Strictness::Off {
            let own = self.shared_region.as_deref();
            let region = own.or(lines.as_ref().map(|lines| lines.scope.region)).unwrap_or(DEFAULT_REGION);
            return Ok(believed(Caller::of_key(signed.access_key_id, region)));
        }
        let lines = lines.ok_or_else(|| AuthError::ScopeShape(signed.access_key_id.to_owned()))?;
        let at = amz_date::parse(lines.date).ok_or_else(|| AuthError::BadDate(lines.date.to_owned()))?;
        lines.scope.check(service, lines.date)?;
        if self.strictness == Strictness::Form {
            return Ok(believed(Caller::clone(&self.caller(&lines.scope))));
        }
        amz_date::check_window(lines.date, at, signed.received_micros / 1_000_000, Carrier::Header)?;
        let known = self.derived(&lines.scope, signed.session_token, generation)?;
        check_digest(&lines, signed.hosts)?;
        let mut mac = known.key.as_ref().ok_or(AuthError::UnknownKey)?.mac();
        mac.add(signed.text);
        if !mac.matches_hex(signed.signature) {
            return Err(AuthError::SignatureMismatch);
        }
        if !known.came_with(signed.session_token) {
            return Err(AuthError::InvalidSessionToken);
        }
        known.check_time(signed.now_micros)?;
        let expires_micros = known.session.as_ref().map(|(_, end)| *end);
        Ok(Authorized { caller: known.caller, expires_micros, generation })
    }

    /// Changes with every change of keys and of what their owners may do.
    pub fn generation(&self) -> u64 {
        self.source.generation()
    }
}

fn check_digest(lines: &Lines<'_>, hosts: &[&str]) -> Result<(), AuthError> {
    let is_of = |host: &&str| sigv4::digest_of_empty_post(host, lines.date) == lines.digest.as_bytes();
    if hosts.iter().any(is_of) { Ok(()) } else { Err(AuthError::SignatureMismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Credentials, Secret};

    const TEXT: &[u8] = b"AWS4-HMAC-SHA256\n20261122T101204Z\n20261122/us-east-1/dax/aws4_request\n828608af64c3e92e4e599876f96a3a8b9d84a5450e3345121f852c4d71e00af4";
    const SIGNATURE: &str = "32f95821d000f5167f32b2e07b689475b861b09f98f416740e42a69512abeb71";
    const SIGNED_AT: u64 = 1_795_342_324_000_000;

    fn authenticator(strictness: Strictness) -> Authenticator {
        let keys = Credentials::default().with("AKIDEXAMPLE", Secret::new("secretEXAMPLE"));
        Authenticator::new(strictness).with_credentials(keys)
    }

    fn signed(text: &'static [u8]) -> SignedText<'static> {
        SignedText {
            access_key_id: "AKIDEXAMPLE",
            signature: SIGNATURE,
            text,
            session_token: None,
            hosts: &["dax.amazonaws.com"],
            received_micros: SIGNED_AT,
            now_micros: SIGNED_AT,
        }
    }

    #[test]
    fn a_recorded_text_is_accepted_and_nothing_else() {
        let verify =
            |signed: &SignedText<'_>| authenticator(Strictness::Verify).authenticate_text(signed, "dax");
        let caller = verify(&signed(TEXT)).expect("it was signed with this key").caller;
        assert_eq!((&*caller.access_key_id, &*caller.region), ("AKIDEXAMPLE", "us-east-1"));
        let other = SignedText { signature: &SIGNATURE.replace('3', "4"), ..signed(TEXT) };
        assert_eq!(verify(&other).unwrap_err(), AuthError::SignatureMismatch);
        let elsewhere = SignedText { hosts: &["example.com"], ..signed(TEXT) };
        assert_eq!(verify(&elsewhere).unwrap_err(), AuthError::SignatureMismatch);
        let unknown = SignedText { access_key_id: "AKIDOTHER", ..signed(TEXT) };
        assert_eq!(verify(&unknown).unwrap_err(), AuthError::UnknownKey);
        let token = SignedText { session_token: Some("token"), ..signed(TEXT) };
        assert_eq!(verify(&token).unwrap_err(), AuthError::InvalidSessionToken);
        let late = SignedText { received_micros: SIGNED_AT + 16 * 60_000_000, ..signed(TEXT) };
        assert!(matches!(verify(&late).unwrap_err(), AuthError::Expired { .. }));
        let service = authenticator(Strictness::Verify).authenticate_text(&signed(TEXT), "dynamodb");
        assert!(matches!(service.unwrap_err(), AuthError::Scope(_)));
    }

    #[test]
    fn less_strict_servers_believe() {
        let form = authenticator(Strictness::Form);
        assert!(form.authenticate_text(&SignedText { signature: "", ..signed(TEXT) }, "dax").is_ok());
        assert!(matches!(form.authenticate_text(&signed(b"text"), "dax"), Err(AuthError::ScopeShape(_))));
        let off = authenticator(Strictness::Off).authenticate_text(&signed(b"text"), "dax");
        assert_eq!(&*off.expect("anything goes").caller.region, DEFAULT_REGION);
    }
}
