//! The condition keys of one need: those of its caller, those of its service, and those that every request has.

use crate::access::{Need, one, several};
use crate::context::Cx;
use crate::request::Peer;
use http::header;
use identity::{Caller, PrincipalKind};
use policy::{Context, Values};
use stdx::calendar::iso_8601;

/// The keys that depend on nothing but a caller and the time.
pub(super) fn of_caller(caller: &Caller, now_micros: u64, key: &str) -> Option<String> {
    match key {
        "aws:currenttime" => Some(iso_8601(now_micros / 1_000_000)),
        "aws:epochtime" => Some((now_micros / 1_000_000).to_string()),
        "aws:requestedregion" => Some(caller.region.to_string()),
        "aws:principalaccount" => Some(caller.account.to_string()),
        "aws:principalarn" => Some(caller.arn()),
        "aws:userid" => Some(caller.user_id()),
        _ => None,
    }
}

/// The keys of a need.
pub(super) struct Facts<'a, S> {
    cx: &'a Cx<'a, S>,
    need: &'a Need<'a>,
}

impl<'a, S> Facts<'a, S> {
    pub(super) fn of(cx: &'a Cx<'a, S>, need: &'a Need<'a>) -> Self {
        Facts { cx, need }
    }

    /// The keys of `aws:` that do not depend on the service.
    fn global(&self, key: &str) -> Option<String> {
        let (cx, caller) = (self.cx, self.cx.caller);
        match key {
            "aws:securetransport" => Some(self.is_secure().to_string()),
            "aws:sourceip" => self.peer().map(|peer| peer.address.to_canonical().to_string()),
            "aws:resourceaccount" => self.need.resource.arn().account().map(str::to_owned),
            "aws:useragent" => self.sent(&header::USER_AGENT),
            "aws:referer" => self.sent(&header::REFERER),
            "aws:principalisawsservice" | "aws:viaawsservice" => Some("false".to_owned()),
            "aws:multifactorauthpresent" if self.has("aws:tokenissuetime") => Some("false".to_owned()),
            "aws:principaltype" if caller.principal.kind == PrincipalKind::Root => Some("Account".to_owned()),
            _ => of_caller(caller, cx.now_micros, key),
        }
    }

    fn sent(&self, name: &header::HeaderName) -> Option<String> {
        self.cx.host.request()?.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    fn peer(&self) -> Option<Peer> {
        self.cx.host.request()?.peer
    }

    /// What does not leave the server cannot be read on the way.
    fn is_secure(&self) -> bool {
        self.cx.host.request().is_none_or(|request| request.peer.is_some_and(|peer| peer.is_secure))
    }

    fn has(&self, key: &str) -> bool {
        self.cx.caller.principal.keys.contains_key(key)
    }
}

impl<S> Context for Facts<'_, S> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let own = self.cx.caller.principal.keys.get(key).map(several);
        let of_service = || self.need.values(key);
        own.or_else(of_service).or_else(|| self.global(key).map(one))
    }
}
