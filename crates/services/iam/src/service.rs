//! The service: what its operations run on, and how they read and change an account.

use crate::account::{Account, Entity, Owner};
use crate::directory::Directory;
use crate::errors;
use model::iam::Tag;
use model::{ApiError, Code};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Need, Protocol, Service};
use std::sync::Arc;

/// IAM on one directory.
#[derive(Debug)]
pub struct Iam {
    /// The accounts.
    pub directory: Arc<Directory>,
}

impl Service for Iam {
    const TARGET_PREFIX: &'static str = "AWSIdentityManagementV20100508";
    const SIGNING_NAME: &'static str = "iam";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::Query];
    const VERSION: &'static str = model::iam::VERSION;
    const XML_NAMESPACE: &'static str = model::iam::XML_NAMESPACE;
    /// Documents, which are its largest members, have some kilobytes; a simulation takes several.
    const BODY_BYTES_MAX: Option<usize> = Some(1024 * 1024);
    const INTERNAL_ERROR: Code = errors::SERVICE_FAILURE;

    async fn refresh(&self) -> Result<(), ApiError> {
        if self.directory.is_current() {
            return Ok(());
        }
        self.directory.refresh().await.map_err(|error| errors::store_error(&error))
    }
}

/// A call of an operation of IAM.
pub(crate) type Call<'a> = Cx<'a, Iam>;

/// The account of the caller, as it is now.
pub(crate) fn account(cx: &Call<'_>) -> Arc<Account> {
    cx.service.directory.account(&cx.caller.account)
}

/// Changes the account of the caller. `change` may be called again; where it refuses, nothing is changed.
pub(crate) async fn change<R: Send>(
    cx: &Call<'_>,
    change: impl FnMut(&mut Account) -> Result<R, ApiError> + Send,
) -> Result<R, ApiError> {
    cx.service.directory.change(&cx.caller.account, change).await
}

/// The same of an entity.
pub(crate) async fn change_entity<R: Send>(
    cx: &Call<'_>,
    owner: Owner,
    name: &str,
    mut decide: impl FnMut(&mut Entity) -> Result<R, ApiError> + Send,
) -> Result<R, ApiError> {
    change(cx, |account| decide(account.entity_mut(owner, name)?)).await
}

/// Seconds since the Unix epoch.
pub(crate) fn seconds(cx: &Call<'_>) -> u64 {
    cx.now_micros / 1_000_000
}

/// The right to an action on a resource of the account, such as `user/ann`.
pub(crate) fn need(cx: &Call<'_>, action: &'static str, resource: &str) -> Access<'static> {
    Need::new(action, format!("arn:aws:iam::{}:{resource}", cx.caller.account)).into()
}

/// The right to an action on an entity, wherever its path is.
pub(crate) fn need_entity(cx: &Call<'_>, action: &'static str, owner: Owner, name: &str) -> Access<'static> {
    let account = account(cx);
    match account.entity(owner, name) {
        Ok(entity) => {
            let tags = Tags::default().on(entity.tags.iter().cloned());
            Need::new(action, entity.arn(owner, &cx.caller.account)).tagged(tags).into()
        }
        Err(_) => need(cx, action, &format!("{}/{name}", owner.name())),
    }
}

/// The right to an action on whatever has an ARN.
pub(crate) fn need_arn(action: &'static str, arn: &str) -> Access<'static> {
    Need::new(action, arn).into()
}

/// The tags that a request sets, as conditions ask for them.
pub(crate) fn tags(given: &Option<Vec<Tag>>) -> Tags {
    let pair = |tag: &Tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
    Tags::set(given.iter().flatten().map(pair))
}

/// The name of the user who calls, for operations that mean him where they name nobody.
pub(crate) fn own_name(cx: &Call<'_>) -> Option<String> {
    cx.caller.principal.user_name().map(str::to_owned)
}

/// The user that is named, or the one who calls.
pub(crate) fn user_or_own(cx: &Call<'_>, named: Option<&str>) -> Result<String, ApiError> {
    let named = named.map(str::to_owned).or_else(|| own_name(cx));
    named.ok_or_else(errors::no_user_name)
}
