//! The service: it has sessions made of what IAM knows, and keeps nothing itself.

use crate::issuers::Issuers;
use iam::Directory;
use pipeline::{Protocol, Service};
use std::sync::Arc;

/// STS on a directory.
#[derive(Debug)]
pub struct Sts {
    /// The accounts.
    pub directory: Arc<Directory>,
    /// Whose tokens can be verified.
    pub issuers: Issuers,
}

impl Service for Sts {
    const TARGET_PREFIX: &'static str = "AWSSecurityTokenServiceV20110615";
    const SIGNING_NAME: &'static str = "sts";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::Query];
    const VERSION: &'static str = model::sts::VERSION;
    const XML_NAMESPACE: &'static str = model::sts::XML_NAMESPACE;
    /// Tokens and policies, which are its largest members, have a few kilobytes each.
    const BODY_BYTES_MAX: Option<usize> = Some(256 * 1024);

    async fn refresh(&self) -> Result<(), model::ApiError> {
        if self.directory.is_current() {
            return Ok(());
        }
        let refreshed = self.directory.refresh().await;
        refreshed.map_err(|_| model::ApiError::silent(model::code::INTERNAL_FAILURE))
    }
}
