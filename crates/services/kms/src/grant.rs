//! A grant: somebody may use a key for some operations, until it is retired or revoked. It counts as a statement of the
//! key's policy.

use crate::authorize::Asked;
use crate::key::Key;
use policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use stdx::{Random, hex};

/// A grant, kept under its key and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// 64 hexadecimal digits.
    pub id: String,
    pub key_id: String,
    pub created_micros: u64,
    pub terms: Terms,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// By which a second request for the same is known.
    pub name: Option<String>,
    /// Who may use the key: an ARN, or a service.
    pub grantee: Option<String>,
    /// Who may retire the grant.
    pub retiring: Option<String>,
    /// The service that may use the key.
    pub grantee_service: Option<String>,
    /// The service that may retire the grant.
    pub retiring_service: Option<String>,
    /// For what, such as `Decrypt`.
    pub operations: Vec<String>,
    /// Only in encryption contexts that have these pairs.
    pub context_subset: Option<BTreeMap<String, String>>,
    /// Only in this encryption context.
    pub context_equals: Option<BTreeMap<String, String>>,
    /// Only for this resource of the service.
    pub source_arn: Option<String>,
}

impl Terms {
    /// Whether they are about what is asked, whoever asks.
    pub(crate) fn allow(&self, asked: &Asked<'_>) -> bool {
        // Nothing that is asked here comes from a resource of another account's service.
        let is_of_resource = self.source_arn.is_some();
        !is_of_resource
            && self.has(asked.operation())
            && self.fit_context(asked)
            && self.fit_terms(asked.terms)
    }

    pub(crate) fn has(&self, operation: &str) -> bool {
        self.operations.iter().any(|own| own == operation)
    }

    /// Operations without an encryption context are allowed in any.
    fn fit_context(&self, asked: &Asked<'_>) -> bool {
        let Some(context) = asked.context else { return true };
        let has = |pairs: &BTreeMap<String, String>| {
            pairs
                .iter()
                .all(|(key, value)| context.pairs().any(|pair| pair == (key.as_str(), value.as_str())))
        };
        self.context_subset.as_ref().is_none_or(has)
            && self
                .context_equals
                .as_ref()
                .is_none_or(|pairs| has(pairs) && pairs.len() == context.pairs().count())
    }

    /// Who may make grants by a grant passes on no more than it has.
    fn fit_terms(&self, made: Option<&Terms>) -> bool {
        let Some(made) = made else { return true };
        let has_all = |own: &BTreeMap<String, String>, of: Option<&BTreeMap<String, String>>| {
            of.is_some_and(|of| own.iter().all(|(key, value)| of.get(key) == Some(value)))
        };
        let within = made.context_equals.as_ref().or(made.context_subset.as_ref());
        made.operations.iter().all(|operation| self.has(operation))
            && self.context_subset.as_ref().is_none_or(|own| has_all(own, within))
            && self.context_equals.as_ref().is_none_or(|own| made.context_equals.as_ref() == Some(own))
    }

    /// The constraint as conditions of policies name it.
    pub(crate) fn constraint_type(&self) -> Option<&'static str> {
        match (&self.context_equals, &self.context_subset) {
            (Some(_), _) => Some("EncryptionContextEquals"),
            (None, Some(_)) => Some("EncryptionContextSubset"),
            (None, None) => None,
        }
    }

    /// The grantee may do everything that is granted; `None` where there is no such principal.
    pub(crate) fn statement(&self) -> Option<Policy> {
        let operations: Vec<String> = self.operations.iter().map(|name| format!("kms:{name}")).collect();
        statement(self.grantee_service.as_deref().or(self.grantee.as_deref())?, &operations)
    }

    /// Whoever may retire the grant may do so.
    pub(crate) fn retiring_statement(&self) -> Option<Policy> {
        let who = self.retiring_service.as_deref().or(self.retiring.as_deref())?;
        statement(who, &["kms:RetireGrant".to_owned()])
    }
}

fn statement(principal: &str, actions: &[String]) -> Option<Policy> {
    let kind = if is_service(principal) { "Service" } else { "AWS" };
    let statement =
        json!({"Effect": "Allow", "Principal": {kind: principal}, "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    Policy::parse(&document.to_string(), policy::Kind::Resource).ok()
}

fn is_service(principal: &str) -> bool {
    principal.ends_with(".amazonaws.com") && !principal.contains(':')
}

/// Whether a grant may name it.
pub(crate) fn is_principal(text: &str) -> bool {
    text != "*" && statement(text, &["kms:Decrypt".to_owned()]).is_some()
}

impl Grant {
    /// A new one.
    pub(crate) fn new(key: &Key, terms: Terms, created_micros: u64) -> Grant {
        Grant { id: hex::encode(&Random::secret()), key_id: key.id.clone(), created_micros, terms }
    }

    /// The id it is kept under.
    pub(crate) fn place(key_id: &str, id: &str) -> String {
        format!("{key_id}/{id}")
    }

    /// What names it to whoever has it.
    pub(crate) fn token(&self) -> String {
        hex::encode(Self::place(&self.key_id, &self.id).as_bytes())
    }

    /// Key and grant of a token.
    pub(crate) fn of_token(token: &str) -> Option<(String, String)> {
        let place = String::from_utf8(hex::decode(token)?).ok()?;
        let (key_id, id) = place.split_once('/')?;
        Some((key_id.to_owned(), id.to_owned()))
    }
}
