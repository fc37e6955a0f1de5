//! The decision: a pure function of a request, the policies of its requester and the policy of its resource.
//!
//! An explicit deny of any policy wins. Within an account one policy that allows is enough, of the identity or of the
//! resource; the boundary and the policies of the session limit what the identity's policies allow. Across accounts
//! both sides must allow.

use crate::policy::{Effect, Policy};
use crate::principal::Reach;
use crate::request::{Request, Who};
use std::fmt;
use std::sync::Arc;

/// A policy with the name that a decision shows.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The ARN of a managed policy, the name of an inline one.
    pub name: Arc<str>,
    /// Where it comes from.
    pub source: SourceKind,
    /// The policy.
    pub policy: Arc<Policy>,
}

/// Where a policy of an identity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Of a user, inline.
    User,
    /// Of a group, inline.
    Group,
    /// Of a role, inline.
    Role,
    /// A managed policy of the account.
    Managed,
    /// A managed policy of AWS.
    AwsManaged,
    /// Handed in with the request.
    None,
}

/// The policies of a requester.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    /// Of the user and its groups, or of the role.
    pub identity: Vec<Attached>,
    /// The permissions boundary.
    pub boundary: Option<Attached>,
    /// The policies of the session, of which one must allow; empty: none does.
    pub session: Option<Vec<Attached>>,
}

impl Grants {
    /// All of them.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        let limits = self.boundary.iter().chain(self.session.iter().flatten());
        self.identity.iter().chain(limits).map(|attached| &*attached.policy)
    }
}

/// The policy of a resource.
#[derive(Debug, Clone, Copy)]
pub enum ResourceSide<'p> {
    /// It has none, or one that adds to what identities' policies allow.
    Beside(Option<&'p Policy>),
    /// Without its consent nobody may: a role's trust, a key.
    Required(Layer, &'p Policy),
}

/// A kind of policy, as decisions name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Of the user, its groups or the role.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Of the session.
    Session,
    /// Of the resource.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// The policy of a key, with its grants.
    Key,
}

/// The statement that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciding<'p> {
    /// The kind of its policy.
    pub layer: Layer,
    /// The policy; `None` for the policy of the resource.
    pub policy: Option<&'p str>,
    /// Which statement of it, from 0.
    pub statement: usize,
    /// Its id.
    pub sid: Option<&'p str>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<'p> {
    /// By a statement; by none for an account's own credentials.
    Allowed(Option<Deciding<'p>>),
    /// Why not.
    Denied(Denial<'p>),
}

/// Why a request is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial<'p> {
    /// The kind of policy that denied, or that did not allow.
    pub layer: Layer,
    /// The statement that denied; `None` where nothing allowed.
    pub by: Option<Deciding<'p>>,
}

impl Decision<'_> {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Decision::Allowed(_))
    }
}

impl Denial<'_> {
    /// Whether a statement denied.
    pub fn is_explicit(&self) -> bool {
        self.by.is_some()
    }

    /// The end of the sentence that a client receives.
    pub fn reason(&self, action: &str) -> String {
        match (&self.by, self.layer) {
            (Some(_), Layer::Trust) => "with an explicit deny in the role trust policy".to_owned(),
            (Some(_), Layer::Identity) => "with an explicit deny in an identity-based policy".to_owned(),
            (Some(_), layer) => format!("with an explicit deny in a {layer}"),
            (None, layer) => format!("because no {layer} allows the {action} action"),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layer::Identity => "identity-based policy",
            Layer::Boundary => "permissions boundary",
            Layer::Session => "session policy",
            Layer::Resource | Layer::Key => "resource-based policy",
            Layer::Trust => "role trust policy",
        })
    }
}

/// The decision of one kind of policies.
enum Verdict<'p> {
    Denies(Deciding<'p>),
    Allows(Reach, Deciding<'p>),
    Silent,
}

/// Decides a request.
pub fn decide<'p>(request: &Request<'_>, grants: &'p Grants, resource: ResourceSide<'p>) -> Decision<'p> {
    let sides = match Sides::of(request, grants, resource) {
        Ok(sides) => sides,
        Err(denial) => return Decision::Denied(denial),
    };
    match sides.decide(request) {
        Ok(by) => Decision::Allowed(by),
        Err(layer) => Decision::Denied(Denial { layer, by: None }),
    }
}

/// What each kind of policies allows, none of them having denied.
struct Sides<'p> {
    identity: Option<Deciding<'p>>,
    boundary: bool,
    session: bool,
    resource: Option<(Reach, Deciding<'p>)>,
    /// The kind of the resource's policy, and whether it must allow.
    resource_layer: Layer,
    is_required: bool,
}

impl<'p> Sides<'p> {
    fn of(request: &Request<'_>, grants: &'p Grants, resource: ResourceSide<'p>) -> Result<Self, Denial<'p>> {
        let (resource_layer, of_resource, is_required) = match resource {
            ResourceSide::Beside(policy) => (Layer::Resource, policy, false),
            ResourceSide::Required(layer, policy) => (layer, Some(policy), true),
        };
        let identity = allowed(of_all(Layer::Identity, &grants.identity, request))?;
        let boundary = grants.boundary.as_ref().map(std::slice::from_ref);
        let boundary = limit(Layer::Boundary, boundary, request)?;
        let session = limit(Layer::Session, grants.session.as_deref(), request)?;
        let of_resource = of_resource.map(|policy| of_one(resource_layer, None, policy, request));
        let resource = allowed(of_resource.unwrap_or(Verdict::Silent))?;
        let identity = identity.map(|(_, by)| by);
        Ok(Sides { identity, boundary, session, resource, resource_layer, is_required })
    }

    /// The statement that allows, or the kind of policy that does not.
    fn decide(self, request: &Request<'_>) -> Result<Option<Deciding<'p>>, Layer> {
        let is_at_home = request.requester.account == request.owner;
        let (is_required, resource_layer) = (self.is_required, self.resource_layer);
        let reach = self.resource.as_ref().map(|(reach, _)| *reach);
        match request.requester.who {
            Who::Service(_) | Who::WebIdentity(_) | Who::Anonymous => match self.resource {
                Some((reach, by)) if reach != Reach::Account => Ok(Some(by)),
                _ => Err(resource_layer),
            },
            _ if is_required && reach.is_none() => Err(resource_layer),
            _ if !is_at_home && reach.is_none() => {
                self.of_identity(request)?;
                Err(resource_layer)
            }
            _ if !is_at_home => self.of_identity(request),
            _ => match self.resource {
                Some((Reach::Itself, by)) => Ok(Some(by)),
                Some((Reach::Role, ref by)) => {
                    let by = by.clone();
                    self.within_limits().map(|()| Some(by))
                }
                _ => self.of_identity(request),
            },
        }
    }

    /// What the identity's policies allow, within the boundary and the session's policies. An account's own
    /// credentials may everything.
    fn of_identity(self, request: &Request<'_>) -> Result<Option<Deciding<'p>>, Layer> {
        if request.requester.who != Who::Root && self.identity.is_none() {
            return Err(Layer::Identity);
        }
        self.within_limits()?;
        Ok(self.identity)
    }

    fn within_limits(&self) -> Result<(), Layer> {
        match (self.boundary, self.session) {
            (false, _) => Err(Layer::Boundary),
            (_, false) => Err(Layer::Session),
            _ => Ok(()),
        }
    }
}

fn allowed(verdict: Verdict<'_>) -> Result<Option<(Reach, Deciding<'_>)>, Denial<'_>> {
    match verdict {
        Verdict::Denies(by) => Err(Denial { layer: by.layer, by: Some(by) }),
        Verdict::Allows(reach, by) => Ok(Some((reach, by))),
        Verdict::Silent => Ok(None),
    }
}

/// Whether policies that limit allow; where there are none, nothing is limited.
fn limit<'p>(
    layer: Layer,
    policies: Option<&'p [Attached]>,
    request: &Request<'_>,
) -> Result<bool, Denial<'p>> {
    let Some(policies) = policies else { return Ok(true) };
    Ok(allowed(of_all(layer, policies, request))?.is_some())
}

fn of_all<'p>(layer: Layer, policies: &'p [Attached], request: &Request<'_>) -> Verdict<'p> {
    let mut found = Verdict::Silent;
    for Attached { name, policy, .. } in policies {
        match of_one(layer, Some(name), policy, request) {
            denies @ Verdict::Denies(_) => return denies,
            allows @ Verdict::Allows(..) if matches!(found, Verdict::Silent) => found = allows,
            _ => {}
        }
    }
    found
}

/// The first statement that denies, or else the first of those that name the requester most closely.
fn of_one<'p>(layer: Layer, name: Option<&'p str>, policy: &'p Policy, request: &Request<'_>) -> Verdict<'p> {
    let mut found: Option<(Reach, Deciding<'p>)> = None;
    for (number, statement) in policy.statements.iter().enumerate() {
        let deciding = || Deciding { layer, policy: name, statement: number, sid: statement.sid.as_deref() };
        match statement.effect {
            Effect::Deny if statement.denies(request) && statement.is_about(request) => {
                return Verdict::Denies(deciding());
            }
            Effect::Deny => {}
            Effect::Allow => {
                let reach = statement.allows(request).filter(|_| statement.is_about(request));
                let is_closer = |reach: &Reach| found.as_ref().is_none_or(|(other, _)| reach > other);
                if let Some(reach) = reach.filter(is_closer) {
                    found = Some((reach, deciding()));
                }
            }
        }
    }
    found.map_or(Verdict::Silent, |(reach, by)| Verdict::Allows(reach, by))
}
