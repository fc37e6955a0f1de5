//! Permissions of a caller on whose behalf one part of the server asks another, without a request: a role of a function
//! that calls another function, an export that puts objects.

use super::{facts, refusal};
use crate::access::{one, several};
use identity::Caller;
use model::ApiError;
use policy::{Context, Decision, Request, ResourceSide, Values};

/// Refuses a caller whose policies do not let it do something with a resource of its own account.
///
/// # Errors
/// The denial, in AWS's words.
pub fn permitted_inside(
    caller: &Caller,
    action: &str,
    resource: &str,
    now_micros: u64,
) -> Result<(), ApiError> {
    if caller.principal.is_root() || !super::is_asked_about(caller) {
        return Ok(());
    }
    let request = Request {
        requester: caller.principal.requester(&caller.account),
        action,
        resource: resource.into(),
        owner: &caller.account,
        context: &InsideFacts { caller, now_micros },
    };
    match policy::decide(&request, &caller.principal.grants, ResourceSide::Beside(None)) {
        Decision::Allowed(_) => Ok(()),
        Decision::Denied(denial) => Err(refusal(&caller.arn(), &request, &denial)),
    }
}

/// The condition keys of a call that leaves the server nowhere.
struct InsideFacts<'a> {
    caller: &'a Caller,
    now_micros: u64,
}

impl Context for InsideFacts<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let own = self.caller.principal.keys.get(key).map(several);
        let global = || match key {
            "aws:securetransport" | "aws:viaawsservice" => Some("true".to_owned()),
            _ => facts::of_caller(self.caller, self.now_micros, key),
        };
        own.or_else(|| global().map(one))
    }
}
