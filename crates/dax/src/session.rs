//! Who speaks on a connection: what the client has said of itself, judged when it comes and told with the next answer.

use crate::Dax;
use crate::attribute_lists::ListError;
use crate::cache::Counts;
use crate::codec::{Fault, Preamble, Reader};
use crate::errors::Refused;
use dax_control::OfRegion;
use dynamodb::service::scope_of;
use engine::Scope;
use identity::{Authenticator, Authorized, Caller, Principal, SignedText};
use std::sync::Arc;

/// What signatures are for.
const SERVICE: &str = "dax";
/// The hosts that clients sign: some keep the scheme.
const HOSTS: [&str; 2] = ["dax.amazonaws.com", "https://dax.amazonaws.com"];
const TEXTS_BYTES_MAX: usize = 16 * 1024;

/// The state of a connection that outlives a request.
#[derive(Debug)]
pub(crate) struct Session {
    /// Whether the client sends a Select that says nothing.
    always_selects_all: bool,
    claim: Option<Claim>,
    authorized: Option<Authorized>,
    refusal: Option<String>,
    known: Option<Known>,
}

/// An authorized caller. What it may ask the cluster for is its own matter (`dax:GetItem`); the cluster reads and
/// writes the account's tables as itself, as DAX does by its role.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// Who speaks.
    pub(crate) caller: Arc<Caller>,
    /// Whether the caller may ask for everything.
    pub(crate) is_root: bool,
    /// For whom operations are performed.
    pub(crate) cluster: Arc<Caller>,
    /// Where its tables are.
    pub(crate) scope: Scope,
    /// Where the caller is counted.
    pub(crate) counts: Arc<Counts>,
    /// The clusters of the account and region, as they were at a version.
    pub(crate) clusters: Arc<OfRegion>,
    version: u64,
}

impl Known {
    fn of(caller: &Arc<Caller>, dax: &Dax) -> Known {
        let is_root = caller.principal.is_root();
        let cluster = match is_root {
            true => Arc::clone(caller),
            false => Arc::new(Caller { principal: Arc::<Principal>::default(), ..Caller::clone(caller) }),
        };
        let version = dax.clusters.version();
        let clusters = dax.clusters.of_region(&caller.account, &caller.region);
        let scope = scope_of(caller);
        let counts = dax.counts.of(&scope);
        Known { caller: Arc::clone(caller), is_root, cluster, scope, counts, clusters, version }
    }
}

/// What the client has presented: judged again when keys have changed.
#[derive(Debug)]
struct Claim {
    access_key_id: String,
    signature: String,
    text: Vec<u8>,
    session_token: Option<String>,
    received_micros: u64,
}

impl Claim {
    fn read(arguments: &mut Reader<'_>, received_micros: u64) -> Result<Claim, Fault> {
        let claim = Claim {
            access_key_id: arguments.text()?.to_owned(),
            signature: arguments.text()?.to_owned(),
            text: arguments.bytes()?.to_vec(),
            session_token: arguments.optional_text()?.map(str::to_owned),
            received_micros,
        };
        let token = claim.session_token.as_ref().map_or(0, String::len);
        let bytes = claim.access_key_id.len() + claim.signature.len() + claim.text.len() + token;
        if bytes > TEXTS_BYTES_MAX { Err(Fault::TooLarge) } else { Ok(claim) }
    }

    fn judge(&self, authenticator: &Authenticator, now_micros: u64) -> Result<Authorized, String> {
        let signed = SignedText {
            access_key_id: &self.access_key_id,
            signature: &self.signature,
            text: &self.text,
            session_token: self.session_token.as_deref(),
            hosts: &HOSTS,
            received_micros: self.received_micros,
            now_micros,
        };
        authenticator.authenticate_text(&signed, SERVICE).map_err(|error| error.to_string())
    }
}

impl Session {
    /// A connection of which the client has said this.
    pub(crate) fn of(preamble: &Preamble) -> Self {
        Session {
            always_selects_all: preamble.user_agent.starts_with("DaxGoV2Client"),
            claim: None,
            authorized: None,
            refusal: None,
            known: None,
        }
    }

    /// Whether the client was accepted when it presented itself last.
    pub(crate) fn is_authorized(&self) -> bool {
        self.authorized.is_some()
    }

    /// The access key that the client has presented last.
    pub(crate) fn claimed_key(&self) -> Option<&str> {
        self.claim.as_ref().map(|claim| &*claim.access_key_id)
    }

    /// Whether the client sends a Select that says nothing.
    pub(crate) fn always_selects_all(&self) -> bool {
        self.always_selects_all
    }

    /// The client presents itself. Not answered.
    pub(crate) fn authorize(
        &mut self,
        authenticator: &Authenticator,
        arguments: &mut Reader<'_>,
        now_micros: u64,
    ) {
        match Claim::read(arguments, now_micros) {
            Ok(claim) => {
                self.claim = Some(claim);
                self.judge(authenticator, now_micros);
            }
            Err(fault) => (self.authorized, self.known, self.refusal) = (None, None, Some(fault.to_string())),
        }
    }

    fn judge(&mut self, authenticator: &Authenticator, now_micros: u64) {
        let judged = self.claim.as_ref().map(|claim| claim.judge(authenticator, now_micros));
        self.known = None;
        (self.authorized, self.refusal) = match judged {
            Some(Ok(authorized)) => (Some(authorized), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
    }

    /// Who speaks. What was judged with other keys than there are now is judged again.
    pub(crate) async fn known(&mut self, dax: &Dax, now_micros: u64) -> Result<&Known, Refused> {
        let authenticator = dax.pipeline.authenticator();
        if !authenticator.is_current() {
            let refreshed = authenticator.refresh().await;
            refreshed.map_err(|error| Refused::Unauthenticated(Some(error.to_string())))?;
        }
        let is_as_judged = |authorized: &Authorized| {
            let ended = authorized.expires_micros.is_some_and(|end| now_micros >= end);
            authorized.generation == authenticator.generation() && !ended
        };
        if !self.authorized.as_ref().is_some_and(is_as_judged) {
            self.judge(authenticator, now_micros);
        }
        let Some(authorized) = &self.authorized else {
            return Err(Refused::Unauthenticated(self.refusal.clone()));
        };
        if !dax.clusters.is_current() {
            let refreshed = dax.clusters.refresh().await;
            refreshed.map_err(|error| Refused::from(ListError::from(error)))?;
        }
        if self.known.as_ref().is_some_and(|known| known.version != dax.clusters.version()) {
            self.known = None;
        }
        Ok(self.known.get_or_insert_with(|| Known::of(&authorized.caller, dax)))
    }
}
