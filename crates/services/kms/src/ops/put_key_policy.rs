//! PutKeyPolicy. One that would keep its own author from changing it again is refused, unless that is asked for.

use crate::authorize::Asked;
use crate::errors;
use crate::key::{self, Key};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{PutKeyPolicy, PutKeyPolicyInput, PutKeyPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, is_asked_about};
use policy::{Layer, Policy, Request, ResourceSide, decide};

/// The condition key of a check that is left out.
pub(super) const BYPASS: &str = "kms:bypasspolicylockoutsafetycheck";
/// The only one.
pub(super) const POLICY_NAME: &str = "default";

impl Operation<Kms> for PutKeyPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutKeyPolicyInput> = Validation::MODEL;
    type Plan = PutKeyPolicyInput;

    fn check(input: PutKeyPolicyInput) -> Result<PutKeyPolicyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a PutKeyPolicyInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: PutKeyPolicyInput) -> Result<PutKeyPolicyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:PutKeyPolicy", plan.key_id.as_deref().unwrap_or_default())
            .and(BYPASS, plan.bypass_policy_lockout_safety_check);
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        if plan.policy_name.as_deref().is_some_and(|name| name != POLICY_NAME) {
            return Err(errors::no_policy());
        }
        let policy = plan.policy.unwrap_or_default();
        check(cx, &id, &policy, plan.bypass_policy_lockout_safety_check.unwrap_or(false))?;
        let put = |key: &mut Key| {
            key.check_not_pending()?;
            key.policy.clone_from(&policy);
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, put).await?;
        Ok(PutKeyPolicyOutput {})
    }
}

/// Refuses a policy that is none, or that locks its author out.
pub(super) fn check(cx: &Cx<'_, Kms>, key_id: &str, text: &str, may_lock_out: bool) -> Result<(), ApiError> {
    let policy =
        Policy::parse(text, policy::Kind::Resource).map_err(|fault| errors::malformed_policy(&fault))?;
    let (account, region) = (&cx.caller.account, &cx.caller.region);
    let arn = key::arn(account, region, key_id);
    let request = Request {
        requester: cx.caller.principal.requester(account),
        action: "kms:PutKeyPolicy",
        resource: arn.as_str().into(),
        owner: account,
        context: &(),
    };
    let of_caller = &cx.caller.principal.grants;
    let decided = decide(&request, of_caller, ResourceSide::Required(Layer::Key, &policy));
    if may_lock_out || decided.is_allowed() || !is_asked_about(cx.caller) {
        Ok(())
    } else {
        Err(errors::lockout())
    }
}
