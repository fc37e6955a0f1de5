//! May a caller use a key? The key's policy decides: without its consent nobody may, and where it names the account the
//! caller's own policies decide further. Grants add to it, and an explicit deny of any policy wins.
//!
//! A key's policy is known only once the key was read, so operations ask here when they run, not in their `access`.
//! Callers that the stage of permissions does not ask about are not asked about here.

mod asked;
mod facts;

pub use asked::Asked;

use crate::grant::{Grant, Terms};
use crate::key::Key;
use crate::key_ref::KeyRef;
use crate::keys::Keys;
use crate::service::scope_of;
use crate::{EncryptionContext, errors};
use engine::Scope;
use facts::{Facts, ServiceFacts};
use model::ApiError;
use pipeline::{Cx, Need, Service, demand, is_asked_about};
use policy::{Grants, Layer, Policy, Request, Requester, ResourceSide, Who, decide};
use std::sync::Arc;

impl Keys {
    /// The key that a request names, if the caller may do with it what is asked.
    ///
    /// # Errors
    /// The denial. Who may not ask is not told that there is no such key.
    pub(crate) async fn permitted<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        asked: Asked<'_>,
    ) -> Result<Key, ApiError> {
        let found = self.find(&scope_of(cx.caller), asked.named, cx.now_micros).await;
        self.permitted_of(cx, found, asked).await
    }

    /// The same where an alias is not taken.
    pub(crate) async fn permitted_id<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        asked: Asked<'_>,
    ) -> Result<Key, ApiError> {
        let scope = scope_of(cx.caller);
        let found = match KeyRef::parse_id(asked.named, &scope) {
            Ok(id) => self.of_id(&scope, &id, cx.now_micros).await,
            Err(error) => Err(error),
        };
        self.permitted_of(cx, found, asked).await
    }

    /// The same for the key that is named, or else the one that a ciphertext names.
    pub(crate) async fn permitted_of_blob<'n, S: Service>(
        &self,
        cx: &Cx<'_, S>,
        named: Option<&'n str>,
        blob: &[u8],
        asked: impl FnOnce(&'n str) -> Asked<'n>,
    ) -> Result<Key, ApiError> {
        let Some(named) = named else {
            let key = self.of_ciphertext(&scope_of(cx.caller), blob, cx.now_micros).await?;
            return self.permit(cx, &key, asked("")).await.map(|()| key);
        };
        self.permitted(cx, asked(named)).await
    }

    async fn permitted_of<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        found: Result<Key, ApiError>,
        asked: Asked<'_>,
    ) -> Result<Key, ApiError> {
        match found {
            Ok(key) => self.permit(cx, &key, asked).await.map(|()| key),
            Err(error) => {
                let named = KeyRef::resource(asked.named, &scope_of(cx.caller));
                if is_asked_about(cx.caller) {
                    demand(cx, &Need::new(asked.action, named))?;
                }
                Err(error)
            }
        }
    }

    /// Refuses a caller who may not do with a key what is asked.
    ///
    /// # Errors
    /// The denial.
    pub async fn permit<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        key: &Key,
        asked: Asked<'_>,
    ) -> Result<(), ApiError> {
        let (operation, via) = (asked.operation(), asked.via);
        let permitted = self.decided(cx, key, asked).await;
        if let Some(service) = via {
            self.note(operation, (cx.caller, service), key.arn(), &permitted);
        }
        permitted
    }

    async fn decided<S: Service>(&self, cx: &Cx<'_, S>, key: &Key, asked: Asked<'_>) -> Result<(), ApiError> {
        if !is_asked_about(cx.caller) {
            return Ok(());
        }
        let own = key.compiled_policy();
        let facts = Facts::of(self, cx.caller, key, &own, &asked).await?;
        let asks = |policy: Policy| {
            let need = Need::new(asked.action, key.arn()).with_condition_keys(&facts);
            let need = need.tagged(asked.tags.clone().on(key.tags.clone()));
            demand(cx, &need.with_policy(Layer::Key, Arc::new(policy)))
        };
        let Err(denied) = asks(own.clone()) else { return Ok(()) };
        let grants = self.grants_for(key, &asked).await?;
        if grants.is_empty() { Err(denied) } else { asks(own.and(grants)) }
    }

    /// The same for the key behind an alias. One that is not there is nobody's.
    pub(crate) async fn permit_by_alias<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        asked: Asked<'_>,
    ) -> Result<(), ApiError> {
        match self.find(&scope_of(cx.caller), asked.named, cx.now_micros).await {
            Ok(key) => self.permit(cx, &key, asked).await,
            Err(error) if error.code == errors::NOT_FOUND => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What the grants of a key allow of what is asked, to whomever.
    async fn grants_for(&self, key: &Key, asked: &Asked<'_>) -> Result<Policy, ApiError> {
        let grants = self.grants(&key.scope()).await?.into_iter();
        let grants = grants.filter(|grant| grant.key_id == key.id && grant.terms.allow(asked));
        Ok(grants.filter_map(|grant| grant.terms.statement()).fold(Policy::nothing(), Policy::and))
    }

    /// Refuses a caller who may not retire a grant: whom the grant names may, who has the grant and may by it, and whom
    /// the key's policy and its own let.
    pub(crate) async fn permit_to_retire<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        key: &Key,
        grant: &Grant,
    ) -> Result<(), ApiError> {
        if !is_asked_about(cx.caller) {
            return Ok(());
        }
        let asked = Asked::new("kms:RetireGrant", &key.id);
        let own = key.compiled_policy();
        let facts = Facts::of(self, cx.caller, key, &own, &asked).await?;
        let by_it = grant.terms.statement().filter(|_| grant.terms.has(asked.operation()));
        let by_name = grant.terms.retiring_statement();
        let policy = [by_it, by_name].into_iter().flatten().fold(own, Policy::and);
        let need = Need::new(asked.action, key.arn()).with_condition_keys(&facts);
        let need = need.tagged(asked.tags.on(key.tags.clone()));
        demand(cx, &need.with_policy(Layer::Key, Arc::new(policy)))
    }

    /// Grants a service of this server the use of a key within an encryption context; the grant's id.
    ///
    /// # Errors
    /// The store fails.
    pub async fn grant_to_service(
        &self,
        key: &Key,
        terms: Terms,
        now_micros: u64,
    ) -> Result<String, ApiError> {
        let grant = Grant::new(key, terms, now_micros);
        let keep = |_| Ok((Some(grant.clone()), ()));
        self.change_grant(&key.scope(), &key.id, &grant.id, keep).await?;
        Ok(grant.id)
    }

    /// A service takes its grant back, if it is there.
    ///
    /// # Errors
    /// The store fails.
    pub async fn retire(&self, scope: &Scope, key_id: &str, by: &ByGrant<'_>) -> Result<(), ApiError> {
        let Some(grant_id) = by.grant_id else { return Ok(()) };
        let retired = self.change_grant(scope, key_id, grant_id, |_| Ok((None, ()))).await;
        self.note_own("RetireGrant", by.service, (scope, key_id), &retired);
        retired
    }

    /// Refuses a service whose grant is gone, does not fit the context, or is overruled by the key's policy.
    pub(crate) async fn permit_service(
        &self,
        key: &Key,
        by: &ByGrant<'_>,
        action: &'static str,
        context: &EncryptionContext,
    ) -> Result<(), ApiError> {
        let grant = self.grant(&key.scope(), &key.id, by.grant_id.unwrap_or_default()).await?;
        let asked = Asked::new(action, &key.id).with_context(context).via(by.service);
        let terms = grant.map(|grant| grant.terms).filter(|terms| terms.allow(&asked));
        let granted = terms.and_then(|terms| terms.statement()).ok_or_else(errors::ciphertext_of_nobody)?;
        let policy = key.compiled_policy().and(granted);
        let facts = ServiceFacts::of(key, &asked);
        let arn = key.arn();
        let request = Request {
            requester: Requester { account: "", who: Who::Service(by.service) },
            action,
            resource: arn.as_str().into(),
            owner: &key.account,
            context: &facts,
        };
        let nothing = Grants::default();
        let decided = decide(&request, &nothing, ResourceSide::Required(Layer::Key, &policy));
        if decided.is_allowed() { Ok(()) } else { Err(errors::ciphertext_of_nobody()) }
    }
}

/// A service of this server that uses a key.
#[derive(Debug, Clone, Copy)]
pub struct ByGrant<'a> {
    /// The service as the grant names it.
    pub service: &'a str,
    /// Its grant; `None` for a key that it manages itself.
    pub grant_id: Option<&'a str>,
}
