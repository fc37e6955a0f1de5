//! From the credentials of a request to its caller, refusals in DynamoDB's order.

mod signed_text;

pub use signed_text::{Authorized, SignedText};

use crate::auth_error::AuthError;
use crate::caller::{Caller, DEFAULT_REGION};
use crate::credentials::{CredentialSource, Credentials, Identified};
use crate::failures::Failures;
use crate::form::Form;
use crate::scope::Scope;
use crate::sigv4::{self, BodyCheck, Canonical, Chain, Chunking, Payload, SigningKey, amz_date};
use foldhash::fast::RandomState;
use http::header::HOST;
use http::{HeaderMap, Method, Uri};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The header that names the operation.
const TARGET: &str = "x-amz-target";

/// Scopes that are remembered; a scope lives a day, so a handful is usual.
const KNOWN_SCOPES_MAX: usize = 4_096;

/// How much of the credentials is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Nothing: they only name the caller, if present.
    Off,
    /// Everything that needs no secret and no clock.
    Form,
    /// The signature, within its time.
    Verify,
}

/// The parts that a signature covers, and the time of verification.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// Path and query.
    pub uri: &'a Uri,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The body as sent.
    pub body: &'a [u8],
    /// Microseconds since the Unix epoch.
    pub now_micros: u64,
    /// The other end of its connection, where it came over one.
    pub address: Option<IpAddr>,
}

/// Whether the body of a request is there when its head is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Here,
    ToCome,
}

/// Verifies credentials against the access keys, as strictly as configured.
#[derive(Debug)]
pub struct Authenticator {
    strictness: Strictness,
    source: Arc<dyn CredentialSource>,
    /// The region of every caller, in place of the region in their scope.
    shared_region: Option<String>,
    failures: Failures,
    /// By credential. The limit on its size bounds the cost of credentials that are made to collide.
    known: RwLock<HashMap<Box<str>, Arc<Known>, RandomState>>,
}

/// A scope seen before. With `verify` it is kept only once a signature has matched, so a caller without a key cannot
/// fill the table.
#[derive(Debug)]
struct Known {
    caller: Arc<Caller>,
    key: Option<SigningKey>,
    /// Of the keys, when this one was read. With another it is read again.
    generation: u64,
    /// Of a session: its token, which must come with each request, and when it ends.
    session: Option<(Box<str>, u64)>,
    /// What the scope is for, and its day: not judged again.
    service: Box<str>,
    day: Box<str>,
}

impl Known {
    fn of(scope: &Scope<'_>, caller: Arc<Caller>) -> Self {
        let (service, day) = (scope.service.into(), scope.date.into());
        Known { caller, key: None, generation: 0, session: None, service, day }
    }

    fn is_for(&self, service: &str, date: &str) -> bool {
        *self.service == *service && date.get(..8) == Some(&self.day)
    }

    /// Whether it was read with this token.
    fn came_with(&self, token: Option<&str>) -> bool {
        self.session.as_ref().map(|(token, _)| &**token) == token
    }

    fn check_time(&self, now_micros: u64) -> Result<(), AuthError> {
        let ended = self.session.as_ref().is_some_and(|(_, end)| now_micros >= *end);
        if ended { Err(AuthError::SessionExpired) } else { Ok(()) }
    }
}

impl Authenticator {
    /// An authenticator without keys.
    pub fn new(strictness: Strictness) -> Self {
        let (failures, known) = (Failures::allowing(0), RwLock::default());
        let source = Arc::new(Credentials::default());
        Authenticator { strictness, source, shared_region: None, failures, known }
    }

    /// The same with access keys, which `verify` needs.
    pub fn with_credentials(self, source: impl CredentialSource + 'static) -> Self {
        Authenticator { source: Arc::new(source), ..self }
    }

    /// The same with every caller in one region. Tables are then found whatever region a client is set to,
    /// and their ARNs carry this one, so a table has the same ARN for every caller.
    pub fn with_shared_region(self, region: impl Into<String>) -> Self {
        Authenticator { shared_region: Some(region.into()), ..self }
    }

    /// The same with a limit of failures per address and minute; 0 for none.
    pub fn with_failures_per_minute(self, count: u32) -> Self {
        Authenticator { failures: Failures::allowing(count), ..self }
    }

    /// The caller, or the refusal of the credentials. The caller is shared by all requests of a scope.
    pub fn authenticate(&self, request: &SignedRequest<'_>, service: &str) -> Result<Arc<Caller>, AuthError> {
        self.authenticate_by(self.strictness, request, Body::Here, service)
    }

    /// The same by its signature, however strict this authenticator is with other requests.
    pub fn verify(&self, request: &SignedRequest<'_>, service: &str) -> Result<Arc<Caller>, AuthError> {
        self.authenticate_by(Strictness::Verify, request, Body::Here, service)
    }

    /// The same for a request whose body is not here yet, with what is to check the body as it arrives.
    ///
    /// # Errors
    /// The refusal of the head.
    pub fn authenticate_head(
        &self,
        request: &SignedRequest<'_>,
        service: &str,
    ) -> Result<(Arc<Caller>, BodyCheck), AuthError> {
        let caller = self.authenticate_by(self.strictness, request, Body::ToCome, service)?;
        let check = match self.strictness {
            Strictness::Verify => self.body_check(request)?,
            _ => BodyCheck::believing(Chunking::of(request.headers)),
        };
        Ok((caller, check))
    }

    /// What checks the body of a request whose head was verified.
    fn body_check(&self, request: &SignedRequest<'_>) -> Result<BodyCheck, AuthError> {
        let form = Form::find(request.headers, request.uri)?;
        let scope = Scope::parse(&form.credential)?;
        let payload = Payload::of(scope.service, form.carrier, request.headers, None)?;
        let token = form.session_token.as_deref();
        let known = match self.known(&form.credential).filter(|known| known.key.is_some()) {
            Some(known) => known,
            None => Arc::new(self.derived(&scope, token, self.source.generation())?),
        };
        let key = known.key.as_ref().ok_or(AuthError::UnknownKey)?;
        Ok(BodyCheck::of(&payload, Some(Chain::of(key, &form, &scope))))
    }

    fn authenticate_by(
        &self,
        strictness: Strictness,
        request: &SignedRequest<'_>,
        body: Body,
        service: &str,
    ) -> Result<Arc<Caller>, AuthError> {
        if strictness == Strictness::Off {
            return Ok(self.claimed(request));
        }
        let form = Form::find(request.headers, request.uri)?;
        let signed = amz_date::parse(&form.date).ok_or_else(|| AuthError::BadDate(form.date.to_string()))?;
        if strictness == Strictness::Verify {
            amz_date::check_window(&form.date, signed, request.now_micros / 1_000_000, form.carrier)?;
        }
        check_is_signed(&form, "Host")?;
        // It names the operation: a signature that does not cover it could be used for any.
        if strictness == Strictness::Verify && request.headers.contains_key(TARGET) {
            check_is_signed(&form, "X-Amz-Target")?;
        }
        check_algorithm(&form)?;
        if strictness == Strictness::Form
            && let Some(caller) = self.known_for(&form.credential, service, &form.date)
        {
            return Ok(caller);
        }
        let scope = Scope::parse(&form.credential)?;
        scope.check(service, &form.date)?;
        match strictness {
            Strictness::Verify => self.verified_in_time(&form, &scope, request, body),
            _ => Ok(self.known_caller(&form.credential, &scope, form.session_token.as_deref())),
        }
    }

    /// The caller that an unverified request names.
    fn claimed(&self, request: &SignedRequest<'_>) -> Arc<Caller> {
        let form = Form::find(request.headers, request.uri).ok();
        let scope = form.as_ref().and_then(|form| Scope::parse(&form.credential).ok());
        match (&form, scope.filter(is_short)) {
            (Some(form), Some(scope)) => {
                self.known_caller(&form.credential, &scope, form.session_token.as_deref())
            }
            _ => Caller::anonymous(self.shared_region.as_deref().unwrap_or(DEFAULT_REGION)).into(),
        }
    }

    /// A session of this server is in its account, also where its signature is not looked at.
    fn known_caller(&self, credential: &str, scope: &Scope<'_>, token: Option<&str>) -> Arc<Caller> {
        if let Some(known) = self.known(credential) {
            return Arc::clone(&known.caller);
        }
        let session = token.and_then(|_| self.source.find(scope.access_key_id, token).ok());
        let caller = match session.and_then(|session| session.account) {
            Some(account) => Arc::new(Caller { account, ..Caller::clone(&self.caller(scope)) }),
            None => self.caller(scope),
        };
        self.remember(credential, Arc::new(Known::of(scope, Arc::clone(&caller))));
        caller
    }

    /// Verifies within the limit of failures: above it, only credentials that are remembered are verified, and every
    /// failure reads the same.
    fn verified_in_time(
        &self,
        form: &Form<'_>,
        scope: &Scope<'_>,
        request: &SignedRequest<'_>,
        body: Body,
    ) -> Result<Arc<Caller>, AuthError> {
        let is_over = self.failures.is_over(request.address, request.now_micros);
        if is_over && self.known(&form.credential).is_none_or(|known| known.key.is_none()) {
            return Err(AuthError::TooManyFailures);
        }
        let verified = self.verified(form, scope, request, body);
        match &verified {
            Err(error) if error.is_of_a_guess() => {
                self.failures.note(request.address, request.now_micros);
                if is_over { Err(AuthError::TooManyFailures) } else { verified }
            }
            _ => verified,
        }
    }

    fn verified(
        &self,
        form: &Form<'_>,
        scope: &Scope<'_>,
        request: &SignedRequest<'_>,
        body: Body,
    ) -> Result<Arc<Caller>, AuthError> {
        let generation = self.source.generation();
        let token = form.session_token.as_deref();
        // An entry that was checked only by its form has no key.
        let is_current = |known: &Arc<Known>| {
            known.generation == generation && known.key.is_some() && known.came_with(token)
        };
        let remembered = self.known(&form.credential).filter(is_current);
        let known = match &remembered {
            Some(known) => Arc::clone(known),
            None => Arc::new(self.derived(scope, token, generation)?),
        };
        let SignedRequest { method, uri, headers, .. } = *request;
        let body = Some(request.body).filter(|_| body == Body::Here);
        let (path, query, service) = (uri.path(), uri.query().unwrap_or_default(), scope.service);
        let payload = &Payload::of(service, form.carrier, headers, body)?;
        let canonical = Canonical { method, path, query, headers, body, payload, service };
        let key = known.key.as_ref().ok_or(AuthError::UnknownKey)?;
        sigv4::check(key, form, scope, &canonical)?;
        if !known.came_with(token) {
            return Err(AuthError::InvalidSessionToken); // a token with a key that needs none
        }
        known.check_time(request.now_micros)?;
        if remembered.is_none() {
            self.remember(&form.credential, Arc::clone(&known));
        }
        Ok(Arc::clone(&known.caller))
    }

    /// The signing key of a scope that is not remembered, and whose it is.
    fn derived(&self, scope: &Scope<'_>, token: Option<&str>, generation: u64) -> Result<Known, AuthError> {
        let Identified { secret, account, principal, expires_micros } =
            self.source.find(scope.access_key_id, token)?;
        let key = Some(SigningKey::derive(&secret, scope));
        let session = token.zip(expires_micros).map(|(token, end)| (token.into(), end));
        let caller = Caller::clone(&self.caller(scope));
        let caller = Caller { principal, account: account.unwrap_or(caller.account), ..caller };
        Ok(Known { key, generation, session, ..Known::of(scope, Arc::new(caller)) })
    }

    /// Whether the source of keys is up to date.
    pub fn is_current(&self) -> bool {
        self.source.is_current()
    }

    /// Brings it up to date.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn refresh(&self) -> Result<(), AuthError> {
        self.source.refresh().await
    }

    /// Whether signatures are verified: then policies count.
    pub fn verifies(&self) -> bool {
        self.strictness == Strictness::Verify
    }

    /// The caller of a request without credentials.
    pub fn anonymous(&self) -> Caller {
        Caller::nobody(self.shared_region.as_deref().unwrap_or(DEFAULT_REGION))
    }

    fn caller(&self, scope: &Scope<'_>) -> Arc<Caller> {
        let region = self.shared_region.as_deref().unwrap_or(scope.region);
        Arc::new(Caller::of_key(scope.access_key_id, region))
    }

    /// Every request comes through here, so only the one count that leaves is touched.
    fn known_for(&self, credential: &str, service: &str, date: &str) -> Option<Arc<Caller>> {
        let table = self.known.read();
        let known = table.get(credential).filter(|known| known.is_for(service, date))?;
        Some(Arc::clone(&known.caller))
    }

    fn known(&self, credential: &str) -> Option<Arc<Known>> {
        self.known.read().get(credential).map(Arc::clone)
    }

    fn remember(&self, credential: &str, known: Arc<Known>) {
        let mut table = self.known.write();
        if table.len() >= KNOWN_SCOPES_MAX {
            table.clear();
        }
        table.insert(credential.into(), known);
    }
}

/// Whether a scope that was not checked may be kept: its elements are no longer than they can be.
fn is_short(scope: &Scope<'_>) -> bool {
    let Scope { date, service, terminator, .. } = scope;
    scope.has_region() && scope.has_key_id() && date.len() + service.len() + terminator.len() <= 64
}

fn check_is_signed(form: &Form<'_>, header: &'static str) -> Result<(), AuthError> {
    let mut names = form.signed_headers.as_bytes().split(|byte| *byte == b';');
    let is_signed = names.any(|name| {
        let name = if name == sigv4::AUTHORITY.as_bytes() { HOST.as_str().as_bytes() } else { name };
        name.eq_ignore_ascii_case(header.as_bytes())
    });
    if is_signed { Ok(()) } else { Err(AuthError::HeaderNotSigned(header)) }
}

fn check_algorithm(form: &Form<'_>) -> Result<(), AuthError> {
    if form.algorithm == sigv4::ALGORITHM {
        Ok(())
    } else {
        Err(AuthError::UnsupportedAlgorithm(form.algorithm.to_string()))
    }
}

#[cfg(test)]
mod tests;
