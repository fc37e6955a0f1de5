//! The condition keys of one need: those of its caller, those of its service, and those that every request has.

use crate::access::Need;
use crate::context::{Cx, Host};
use http::header;
use identity::PrincipalKind;
use policy::Context;
use stdx::calendar::date_of;

const SECONDS_PER_DAY: u64 = 86_400;

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
            "aws:currenttime" => Some(iso_8601(cx.now_micros / 1_000_000)),
            "aws:epochtime" => Some((cx.now_micros / 1_000_000).to_string()),
            "aws:securetransport" => Some("false".to_owned()),
            "aws:requestedregion" => Some(caller.region.to_string()),
            "aws:resourceaccount" => super::owner(&self.need.resource).map(str::to_owned),
            "aws:useragent" => self.sent(&header::USER_AGENT),
            "aws:referer" => self.sent(&header::REFERER),
            "aws:principalisawsservice" | "aws:viaawsservice" => Some("false".to_owned()),
            "aws:principalaccount" => Some(caller.account.to_string()),
            "aws:principalarn" => Some(caller.arn()),
            "aws:userid" => Some(caller.user_id()),
            "aws:principaltype" if caller.principal.kind == PrincipalKind::Root => Some("Account".to_owned()),
            _ => None,
        }
    }

    fn sent(&self, name: &header::HeaderName) -> Option<String> {
        let Host::Of(headers) = self.cx.host else { return None };
        headers.get(name)?.to_str().ok().map(str::to_owned)
    }
}

impl<S> Context for Facts<'_, S> {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        let own = self.cx.caller.principal.keys.get(key).cloned();
        let of_service = || self.need.condition_values(key);
        own.or_else(of_service).or_else(|| self.global(key).map(|value| vec![value]))
    }
}

fn iso_8601(seconds: u64) -> String {
    let ((year, month, day), of_day) =
        (date_of((seconds / SECONDS_PER_DAY) as i64), seconds % SECONDS_PER_DAY);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
