//! The service: what its operations run on.

use crate::errors;
use crate::keys::Keys;
use engine::Scope;
use model::Code;
use pipeline::{Caller, Protocol, Service};
use std::sync::Arc;

/// KMS on one store.
#[derive(Debug)]
pub struct Kms {
    /// The keys.
    pub keys: Keys,
}

impl Kms {
    /// The service on these keys.
    pub fn new(keys: Keys) -> Self {
        Kms { keys }
    }
}

impl Service for Kms {
    const TARGET_PREFIX: &'static str = model::kms::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "kms";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson11];
    /// Its largest member is a policy of 32 KB, which JSON may spell six times as long.
    const BODY_BYTES_MAX: Option<usize> = Some(256 * 1024);
    const INTERNAL_ERROR: Code = errors::KMS_INTERNAL;
}

/// Whose keys a caller means.
pub fn scope_of(caller: &Caller) -> Scope {
    Scope { account: Arc::clone(&caller.account), region: Arc::clone(&caller.region) }
}
