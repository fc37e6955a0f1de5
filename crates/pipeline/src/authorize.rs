//! The stage of permissions: may this caller do what the operation needs?
//!
//! An account's own credentials may everything, so for them nothing is computed until a policy of a resource could
//! forbid it or another account's resource is named. For other callers each need is decided by the policies of the
//! caller, which came with its credentials, and by the policy of the resource. The refusal names the first need that
//! is denied.

mod explanation;
mod facts;
mod inside;

use crate::access::{Access, Need, Tags};
use crate::context::Cx;
use crate::operation::Service;
use facts::Facts;
use identity::{Caller, PrincipalKind};
use model::{ApiError, Detail, code};
use policy::{Decision, Denial, Layer, Request, ResourceSide};

pub use inside::permitted_inside;

/// Whether the stage has anything to decide: only then is it computed what an operation needs.
pub(crate) fn decides<S: Service>(cx: &Cx<'_, S>) -> bool {
    let is_free = cx.caller.principal.is_root() && !cx.service.has_resource_policies();
    !is_free && is_asked_about(cx.caller)
}

/// Refuses a caller without the permissions that the operation needs. Only data and streams are another account's by
/// their ARNs; about anything else the operation has words of its own. `tags` are those of the resources, where they
/// were asked for.
pub(crate) fn check<S: Service>(
    cx: &Cx<'_, S>,
    mut access: Access<'_>,
    tags: Vec<Tags>,
) -> Result<(), ApiError> {
    if !tags.is_empty() {
        access = access.needs.into_iter().zip(tags).map(|(need, tags)| need.tagged(tags)).collect();
    }
    let is_root = cx.caller.principal.is_root();
    let mut needs = access.needs.iter().filter(|need| !is_root || need.may_be_decided_by_resource());
    needs.try_for_each(|need| demand(cx, need))
}

/// Whether a caller needs permissions at all: a service of this server has checked what it does, an operation without
/// credentials checks its input.
pub fn is_asked_about(caller: &Caller) -> bool {
    !matches!(caller.principal.kind, PrincipalKind::Service(_) | PrincipalKind::Anonymous)
}

/// Whether a policy of the caller asks for tags of resources.
pub(crate) fn asks_for_tags(caller: &Caller) -> bool {
    caller.principal.grants.policies().any(|policy| policy.asks_for("aws:resourcetag/"))
}

/// Refuses a caller without a permission that an operation finds out by itself, where permissions count.
///
/// # Errors
/// The denial, in AWS's words.
pub fn permitted<S: Service>(cx: &Cx<'_, S>, need: &Need<'_>) -> Result<(), ApiError> {
    let is_free = cx.caller.principal.is_root() || !is_asked_about(cx.caller);
    if is_free { Ok(()) } else { demand(cx, need) }
}

/// Refuses a caller without one permission.
///
/// # Errors
/// The denial, in AWS's words.
pub fn demand<S: Service>(cx: &Cx<'_, S>, need: &Need<'_>) -> Result<(), ApiError> {
    let (caller, facts) = (cx.caller, Facts::of(cx, need));
    let resource = need.resource.arn();
    let request = Request {
        requester: need.requester.unwrap_or_else(|| caller.principal.requester(&caller.account)),
        action: need.action,
        resource,
        owner: resource.account().unwrap_or(&caller.account),
        context: &facts,
    };
    let side = match &need.policy {
        Some((Layer::Resource, policy)) => ResourceSide::Beside(Some(policy)),
        Some((layer, policy)) => ResourceSide::Required(*layer, policy),
        None => ResourceSide::Beside(None),
    };
    match policy::decide(&request, &caller.principal.grants, side) {
        Decision::Allowed(_) => Ok(()),
        Decision::Denied(denial) => Err(refusal(&caller.arn(), &request, &denial)),
    }
}

/// The refusal to assume a role does not reveal whether the role exists.
#[cold]
fn refusal(caller: &str, request: &Request<'_>, denial: &Denial<'_>) -> ApiError {
    let Request { action, resource, .. } = request;
    let sentence = format!("User: {caller} is not authorized to perform: {action} on resource: {resource}");
    let text = match denial.layer {
        Layer::Trust => sentence,
        _ => format!("{sentence} {}", denial.reason(action)),
    };
    let explanation = explanation::of(caller, request, denial);
    ApiError::new(code::ACCESS_DENIED, text).with(Detail::Explanation(explanation))
}
