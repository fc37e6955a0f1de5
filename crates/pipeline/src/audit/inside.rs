//! Calls from inside the server: a service calls another for itself or on a caller's behalf. There is no body and no
//! address; what a call is about are the resources that it needs rights on.

use super::{AuditLog, Event, is_refusal, told};
use crate::operation::{Kind, Operation, Service};
use crate::pipeline::{perform, resources};
use crate::{Caller, Cx, RequestId};
use bytes::Bytes;
use model::ApiError;
use std::fmt;
use std::sync::Arc;
use stdx::{Clock, Random};

/// A call.
#[derive(Debug, Clone, Copy)]
pub struct Inside<'a> {
    /// The signing name of the service that is called, such as `kms`.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// What it does to data.
    pub kind: Kind,
    /// On whose behalf; the service itself where there is nobody.
    pub caller: &'a Caller,
    /// The service that calls, such as `lambda.amazonaws.com`.
    pub invoked_by: &'a str,
}

/// Tells a log of calls that have no context of a request.
#[derive(Clone)]
pub struct InsideLog {
    log: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl InsideLog {
    /// Each call gets an id and the time at which it is told.
    pub fn new(log: Arc<dyn AuditLog>, clock: Arc<dyn Clock>, random: Random) -> Self {
        InsideLog { log, clock, random }
    }

    /// Tells of a call about a resource, and how it ended.
    pub fn note(&self, call: Inside<'_>, resource: String, error: Option<&ApiError>) {
        let made = (RequestId::draw(&self.random), self.clock.now_micros());
        call.note(&*self.log, made, vec![resource], error);
    }
}

impl fmt::Debug for InsideLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InsideLog")
    }
}

impl Inside<'_> {
    fn note(
        self,
        log: &dyn AuditLog,
        (request_id, time_micros): (RequestId, u64),
        resources: Vec<String>,
        error: Option<&ApiError>,
    ) {
        if !log.wants(self.kind) && !error.is_some_and(is_refusal) {
            return;
        }
        log.note(Event {
            request_id,
            time_micros,
            service: self.service,
            operation: self.operation,
            kind: self.kind,
            caller: Some(Arc::new(self.caller.clone())),
            claimed_key: None,
            invoked_by: Some(self.invoked_by.to_owned()),
            peer: None,
            user_agent: None,
            path: "/".to_owned(),
            body: Bytes::new(),
            resources,
            error: error.map(told),
        });
    }
}

/// Performs an operation as [`perform`] does, and tells a log that the service `invoked_by` did.
///
/// # Errors
/// Those of the operation.
pub async fn perform_audited<S: Service, O: Operation<S, Input: Clone>>(
    cx: &Cx<'_, S>,
    input: O::Input,
    invoked_by: &str,
    log: Option<&Arc<dyn AuditLog>>,
) -> Result<O::Output, ApiError> {
    let Some(log) = log else { return perform::<S, O>(cx, input).await };
    let about = if log.wants(O::KIND) { resources::<S, O>(cx, input.clone()) } else { Vec::new() };
    let done = Box::pin(perform::<S, O>(cx, input)).await;
    let (service, operation, kind) = (S::SIGNING_NAME, O::NAME, O::KIND);
    let call = Inside { service, operation, kind, caller: cx.caller, invoked_by };
    call.note(&**log, (*cx.request_id, cx.now_micros), about, done.as_ref().err());
    done
}
