//! The service: what its operations run on.

use crate::{errors, pool};
use iam::Directory;
use model::{ApiError, Code};
use pipeline::{Access, Cx, Need, Protocol, Service};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Store;
use store::documents::Documents;
use sts::Issuers;

/// The newest format of the documents.
const FORMAT: u32 = 1;

/// Cognito Identity on a store and a directory.
#[derive(Debug)]
pub struct CognitoIdentity {
    /// The accounts, whose roles identities get.
    pub directory: Arc<Directory>,
    /// Whose tokens can be verified.
    pub issuers: Issuers,
    pub(crate) documents: Documents,
}

impl CognitoIdentity {
    /// The service.
    pub fn new(store: Arc<dyn Store>, directory: Arc<Directory>, issuers: Issuers) -> Self {
        CognitoIdentity { directory, issuers, documents: Documents::of(store, FORMAT) }
    }
}

impl Service for CognitoIdentity {
    const TARGET_PREFIX: &'static str = model::cognito_identity::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "cognito-identity";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson11];
    const VERSION: &'static str = model::cognito_identity::VERSION;
    const BODY_BYTES_MAX: Option<usize> = Some(1024 * 1024);
    const INTERNAL_ERROR: Code = errors::INTERNAL_ERROR;
    const HAS_TAGS: bool = true;

    async fn refresh(&self) -> Result<(), ApiError> {
        if self.directory.is_current() {
            return Ok(());
        }
        self.directory.refresh().await.map_err(|_| errors::store_error())
    }

    async fn tags_of(cx: &Cx<'_, Self>, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let id = arn.split_once(":identitypool/").map_or(arn, |(_, id)| id);
        Ok(pool::own(cx, id).await?.tags)
    }
}

/// A call of an operation of this service.
pub(crate) type Call<'a> = Cx<'a, CognitoIdentity>;

/// The right to an action on a pool.
pub(crate) fn need(cx: &Call<'_>, action: &'static str, pool: &str) -> Access<'static> {
    let (region, account) = (&cx.caller.region, &cx.caller.account);
    Need::new(action, format!("arn:aws:cognito-identity:{region}:{account}:identitypool/{pool}")).into()
}
