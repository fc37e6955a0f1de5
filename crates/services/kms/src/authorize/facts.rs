//! The condition keys of `kms:`, for one use of one key.

use super::Asked;
use crate::key::{ENCRYPT_DECRYPT, Key, SYMMETRIC};
use crate::key_ref::KeyRef;
use crate::keys::Keys;
use model::ApiError;
use pipeline::Caller;
use pipeline::access::{ConditionKeys, Values, several};
use policy::{Context, Policy};
use std::collections::BTreeMap;

const RESOURCE_ALIASES: &str = "kms:resourcealiases";
const CONTEXT: &str = "kms:encryptioncontext:";

/// Values by key, in lower case.
#[derive(Debug)]
pub(super) struct Facts(BTreeMap<String, Vec<String>>);

impl Facts {
    /// Of a caller. Aliases of the key are read only where one of the policies asks for them.
    pub(super) async fn of(
        keys: &Keys,
        caller: &Caller,
        key: &Key,
        policy: &Policy,
        asked: &Asked<'_>,
    ) -> Result<Facts, ApiError> {
        let mut facts = Facts::of_use(key, asked);
        facts.add("kms:calleraccount", [caller.account.to_string()]);
        if asks_for_aliases(caller, policy) {
            let aliases = keys.aliases(&key.scope(), None, usize::MAX).await?.into_iter();
            facts.add(RESOURCE_ALIASES, aliases.filter(|one| one.key_id == key.id).map(|one| one.name));
        }
        Ok(facts)
    }

    fn of_use(key: &Key, asked: &Asked<'_>) -> Facts {
        let mut facts = Facts(BTreeMap::new());
        facts.add("kms:keyspec", [SYMMETRIC.to_owned()]);
        facts.add("kms:keyusage", [ENCRYPT_DECRYPT.to_owned()]);
        facts.add("kms:keyorigin", ["AWS_KMS".to_owned()]);
        facts.add("kms:multiregion", ["false".to_owned()]);
        facts.add("kms:viaservice", asked.via.map(str::to_owned));
        if let Ok(KeyRef::Alias(name)) = KeyRef::parse(asked.named, &key.scope()) {
            facts.add("kms:requestalias", [name]);
        }
        if let Some(context) = asked.context {
            facts.add("kms:encryptionalgorithm", [SYMMETRIC.to_owned()]);
            facts.add("kms:encryptioncontextkeys", context.pairs().map(|(name, _)| name.to_owned()));
            for (name, value) in context.pairs() {
                facts.add(&format!("{CONTEXT}{}", name.to_ascii_lowercase()), [value.to_owned()]);
            }
        }
        if let Some(terms) = asked.terms {
            facts.add("kms:grantoperations", terms.operations.iter().cloned());
            facts.add("kms:granteeprincipal", terms.grantee.clone());
            facts.add("kms:retiringprincipal", terms.retiring.clone());
            facts.add("kms:grantconstrainttype", terms.constraint_type().map(str::to_owned));
            facts.add("kms:grantisforawsresource", [asked.via.is_some().to_string()]);
        }
        for (name, value) in &asked.others {
            facts.add(name, [value.clone()]);
        }
        facts
    }

    fn add(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.0.insert(key.to_owned(), values);
        }
    }
}

fn asks_for_aliases(caller: &Caller, policy: &Policy) -> bool {
    caller.principal.grants.policies().chain([policy]).any(|policy| policy.asks_for(RESOURCE_ALIASES))
}

impl ConditionKeys for &Facts {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.0.get(key).map(several)
    }
}

/// The keys where a service of this server uses a key by itself: there is no request of a client.
pub(super) struct ServiceFacts(Facts);

impl ServiceFacts {
    pub(super) fn of(key: &Key, asked: &Asked<'_>) -> ServiceFacts {
        let mut facts = Facts::of_use(key, asked);
        for name in ["kms:calleraccount", "aws:sourceaccount", "aws:resourceaccount"] {
            facts.add(name, [key.account.clone()]);
        }
        facts.add("aws:requestedregion", [key.region.clone()]);
        for name in ["aws:principalisawsservice", "aws:viaawsservice", "aws:securetransport"] {
            facts.add(name, ["true".to_owned()]);
        }
        ServiceFacts(facts)
    }
}

impl Context for ServiceFacts {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.0.0.get(key).map(several)
    }
}
