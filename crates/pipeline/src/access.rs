//! What a caller must be allowed to do for an operation: actions on resources, and what conditions of a policy may ask
//! about the request. Nothing here decides; values are computed at their first use.

mod resource;
mod tags;

pub use policy::request::{Values, one, several};
pub use resource::Resource;
pub use tags::Tags;

use policy::{Layer, Policy, Requester};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What the caller must be allowed to do: all of these.
#[derive(Debug, Default)]
pub struct Access<'a> {
    /// An action on a resource each.
    pub needs: Vec<Need<'a>>,
}

impl<'a> Access<'a> {
    /// The same in a request that sets or removes tags, or on resources that have some.
    pub fn tagged(self, tags: Tags) -> Self {
        self.needs.into_iter().map(|need| need.tagged(tags.clone())).collect()
    }
}

/// An action on one resource.
pub struct Need<'a> {
    /// The IAM action, such as `dynamodb:PutItem`.
    pub action: &'static str,
    /// The resource.
    pub resource: Resource<'a>,
    keys: Option<Box<dyn ConditionKeys + 'a>>,
    tags: Tags,
    is_shared: bool,
    pub(crate) policy: Option<(Layer, Arc<Policy>)>,
    pub(crate) requester: Option<Requester<'a>>,
}

/// The condition keys that a service has beside the global ones, for one need.
pub trait ConditionKeys {
    /// The values of a key, whose name is in lower case with the prefix of the service (`dynamodb:leadingkeys`). `None`
    /// where the request does not have the key.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

impl<'a> Need<'a> {
    /// An action on a resource by its ARN, without condition keys.
    pub fn new(action: &'static str, arn: impl Into<String>) -> Self {
        Need::on(action, Resource::Text(arn.into()))
    }

    /// The same on a resource in either form.
    pub fn on(action: &'static str, resource: Resource<'a>) -> Self {
        Need {
            action,
            resource,
            keys: None,
            tags: Tags::default(),
            is_shared: false,
            policy: None,
            requester: None,
        }
    }

    /// The same with condition keys.
    pub fn with_condition_keys(self, keys: impl ConditionKeys + 'a) -> Self {
        Need { keys: Some(Box::new(keys)), ..self }
    }

    /// The same with tags beside those it has.
    pub fn tagged(self, tags: Tags) -> Self {
        Need { tags: self.tags.and(tags), ..self }
    }

    /// The same on a resource that other accounts may name by its ARN: then its policy decides, and that it has none.
    pub fn shared(self) -> Self {
        Need { is_shared: true, ..self }
    }

    /// The same on a resource that has a policy of its own: one that adds to the caller's policies
    /// ([`Layer::Resource`]), or one without whose consent nobody may (any other).
    pub fn with_policy(self, layer: Layer, policy: Arc<Policy>) -> Self {
        Need { policy: Some((layer, policy)), ..self }
    }

    /// Whether the resource has a policy, or may be another account's.
    pub(crate) fn may_be_decided_by_resource(&self) -> bool {
        self.policy.is_some() || self.is_shared
    }

    /// The same for another principal than the caller: the one of a verified web identity token.
    pub fn for_requester(self, requester: Requester<'a>) -> Self {
        Need { requester: Some(requester), ..self }
    }

    /// The values that the request has for a condition key of its service. Policies spell names of keys in any case.
    pub fn condition_values(&self, key: &str) -> Option<Vec<String>> {
        let values = self.values(&key.to_ascii_lowercase())?;
        Some(values.into_iter().map(Cow::into_owned).collect())
    }

    /// The same for a name in lower case.
    pub(crate) fn values(&self, key: &str) -> Option<Values<'_>> {
        let own = self.keys.as_deref().and_then(|keys| keys.values(key));
        own.or_else(|| self.tags.values(key))
    }
}

impl fmt::Debug for Need<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Need")
            .field("action", &self.action)
            .field("resource", &self.resource.arn())
            .finish_non_exhaustive()
    }
}

impl<'a> From<Need<'a>> for Access<'a> {
    fn from(need: Need<'a>) -> Self {
        Access { needs: vec![need] }
    }
}

impl<'a> FromIterator<Need<'a>> for Access<'a> {
    fn from_iter<T: IntoIterator<Item = Need<'a>>>(needs: T) -> Self {
        Access { needs: needs.into_iter().collect() }
    }
}
