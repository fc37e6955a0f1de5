//! The service: what its operations run on.

use crate::errors;
use crate::event_sources::EventSources;
use crate::functions::Functions;
use crate::tags;
use model::{ApiError, Code};
use pipeline::{Callers, Cx, Protocol, Service};
use s3::Objects;
use std::collections::BTreeMap;

/// Lambda over the functions of a server.
#[derive(Debug)]
pub struct Lambda {
    /// The functions.
    pub functions: Functions,
    /// What calls them with the records of streams.
    pub event_sources: EventSources,
    /// Where packages may lie.
    pub objects: Objects,
}

impl Lambda {
    /// The service on these functions.
    pub fn new(functions: Functions, event_sources: EventSources, objects: Objects) -> Self {
        Lambda { functions, event_sources, objects }
    }
}

impl Service for Lambda {
    const TARGET_PREFIX: &'static str = "AWSGirApiService";
    const SIGNING_NAME: &'static str = "lambda";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::RestJson];
    const VERSION: &'static str = model::lambda::VERSION;
    /// A package of the largest size in base64, and what is around it.
    const BODY_BYTES_MAX: Option<usize> = Some(70_167_211);
    const INTERNAL_ERROR: Code = errors::SERVICE;
    const CALLERS: Callers = Callers::Verified;
    const HAS_TAGS: bool = true;

    async fn tags_of(cx: &Cx<'_, Self>, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        tags::seen(cx, arn).await
    }
}
