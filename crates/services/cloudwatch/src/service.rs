//! The service: what its operations run on.

use crate::errors;
use figures::Figures;
use model::Code;
use pipeline::{Protocol, Service};
use std::sync::Arc;

/// CloudWatch over the figures of one server.
#[derive(Debug)]
pub struct CloudWatch {
    /// The figures.
    pub figures: Arc<Figures>,
}

impl CloudWatch {
    /// The service on these figures.
    pub fn new(figures: Arc<Figures>) -> Self {
        CloudWatch { figures }
    }
}

impl Service for CloudWatch {
    const TARGET_PREFIX: &'static str = model::cloudwatch::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "monitoring";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson10, Protocol::RpcCbor, Protocol::Query];
    const VERSION: &'static str = model::cloudwatch::VERSION;
    const XML_NAMESPACE: &'static str = model::cloudwatch::XML_NAMESPACE;
    /// PutMetricData takes one megabyte, and nothing takes more.
    const BODY_BYTES_MAX: Option<usize> = Some(1024 * 1024);
    const INTERNAL_ERROR: Code = errors::INTERNAL_SERVICE;
}
