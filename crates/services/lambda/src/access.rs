//! What a function may do at this server: it has a session of its role, made by whoever puts the server together. A
//! session does not outlast its process by much: a process whose session is half over gets no further call, so no call
//! finds its session ended.

use pipeline::Need;
use pipeline::access::{ConditionKeys, Values, one};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The service that roles of functions trust.
pub const SERVICE: &str = "lambda.amazonaws.com";
/// How long a session lasts: more than twice as long as a call may take.
pub const SESSION_SECONDS: u64 = 3_600;

/// Who needs a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The function's account.
    pub account: String,
    /// The ARN of its role.
    pub role: String,
    /// The function's name, which names the session.
    pub function: String,
    /// The function's ARN, which the role's trust policy may ask for.
    pub source_arn: String,
}

/// Credentials of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The id of the key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// The token that comes with each request.
    pub session_token: String,
    /// When the session ends, in microseconds since the Unix epoch.
    pub expires_micros: u64,
}

/// What makes sessions of [`SESSION_SECONDS`]; `None` where the role cannot be assumed.
pub type Assume = dyn Fn(Wanted) -> Pin<Box<dyn Future<Output = Option<Credentials>> + Send>> + Send + Sync;

/// How functions get their credentials; without, they have none.
#[derive(Clone, Default)]
pub struct Access(Option<Arc<Assume>>);

/// A role that cannot be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAssumable;

impl Access {
    /// Sessions made so.
    pub fn by(assume: Arc<Assume>) -> Self {
        Access(Some(assume))
    }

    /// The credentials of a new process.
    pub(crate) async fn credentials(&self, wanted: Wanted) -> Result<Option<Credentials>, NotAssumable> {
        match &self.0 {
            None => Ok(None),
            Some(assume) => assume(wanted).await.map(Some).ok_or(NotAssumable),
        }
    }
}

impl Credentials {
    /// When the process that has them gets no further call.
    pub(crate) fn renew_micros(&self) -> u64 {
        self.expires_micros.saturating_sub(SESSION_SECONDS / 2 * 1_000_000)
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Access").field(&self.0.is_some()).finish()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// What a role may be handed to: asked of whoever gives a function its role.
pub(crate) struct PassedToLambda;

impl ConditionKeys for PassedToLambda {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (key == "iam:passedtoservice").then(|| one(SERVICE))
    }
}

/// Who gives a function a role needs this: a function does what its role may.
pub(crate) fn pass_role(role: &str) -> Need<'static> {
    Need::new("iam:PassRole", role).with_condition_keys(PassedToLambda)
}
