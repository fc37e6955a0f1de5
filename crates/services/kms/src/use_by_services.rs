//! What services of this server do with keys, for an audit log: the pipeline, which tells of requests, sees none of it.

use crate::key;
use crate::keys::Keys;
use engine::Scope;
use model::ApiError;
use pipeline::audit::Inside;
use pipeline::{Caller, Kind};

impl Keys {
    /// By a service on a caller's behalf.
    pub(crate) fn note<T>(
        &self,
        operation: &'static str,
        (caller, invoked_by): (&Caller, &str),
        key_arn: String,
        done: &Result<T, ApiError>,
    ) {
        if let Some(log) = &self.audit {
            let invoked_by = &without_region(invoked_by);
            let call = Inside { service: "kms", operation, kind: Kind::Control, caller, invoked_by };
            log.note(call, key_arn, done.as_ref().err());
        }
    }

    /// By a service for itself.
    pub(crate) fn note_own<T>(
        &self,
        operation: &'static str,
        service: &str,
        (scope, key_id): (&Scope, &str),
        done: &Result<T, ApiError>,
    ) {
        if self.audit.is_some() {
            let caller = Caller::of_service(&without_region(service), &scope.account, &scope.region);
            let key = key::arn(&scope.account, &scope.region, key_id);
            self.note(operation, (&caller, service), key, done);
        }
    }
}

/// Grants name a service in its region, records do not.
fn without_region(service: &str) -> String {
    let name = service.split('.').next().unwrap_or_default();
    format!("{name}.amazonaws.com")
}
