//! Who does here what a peer asks for: the account that the table is of. What it may do, the server has judged that was
//! asked for it.

use super::PeerHost;
use crate::service::DynamoDb;
use engine::Scope;
use figures::Tally;
use pipeline::{Caller, Cx, Host, RequestId};
use std::sync::Arc;

/// The account that a table is of, as it asks once.
pub(super) struct Asker<'a> {
    caller: Caller,
    request_id: RequestId,
    pub now_micros: u64,
    tally: Tally<'a>,
}

impl<'a> Asker<'a> {
    pub fn of(host: &'a PeerHost, scope: &Scope) -> Asker<'a> {
        let (account, region) = (Arc::clone(&scope.account), Arc::clone(&scope.region));
        let caller = Caller { account, region, access_key_id: "".into(), principal: Arc::default() };
        let now_micros = host.clock.now_micros();
        let (request_id, tally) = (RequestId::draw(&host.random), host.figures.begin(now_micros));
        Asker { caller, request_id, now_micros, tally }
    }

    pub fn cx(&'a self, host: &'a PeerHost) -> Cx<'a, DynamoDb> {
        Cx {
            service: &host.service,
            caller: &self.caller,
            now_micros: self.now_micros,
            request_id: &self.request_id,
            host: Host::Named(""),
            random: &host.random,
            tally: &self.tally,
        }
    }
}
