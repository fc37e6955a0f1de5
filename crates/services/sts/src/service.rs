//! The service. It keeps nothing: what it answers stands in the credentials.

use pipeline::{Protocol, Service};

/// STS.
#[derive(Debug, Default)]
pub struct Sts;

impl Service for Sts {
    const TARGET_PREFIX: &'static str = "AWSSecurityTokenServiceV20110615";
    const SIGNING_NAME: &'static str = "sts";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::Query];
    const VERSION: &'static str = model::sts::VERSION;
    const XML_NAMESPACE: &'static str = model::sts::XML_NAMESPACE;
    /// Tokens and policies, which are its largest members, have a few kilobytes each.
    const BODY_BYTES_MAX: Option<usize> = Some(256 * 1024);
}
