//! The service: what its operations run on.

use crate::errors;
use crate::event_sources::EventSources;
use crate::functions::Functions;
use model::Code;
use pipeline::{Callers, Protocol, Service};

/// Lambda over the functions of a server.
#[derive(Debug)]
pub struct Lambda {
    /// The functions.
    pub functions: Functions,
    /// What calls them with the records of streams.
    pub event_sources: EventSources,
}

impl Lambda {
    /// The service on these functions.
    pub fn new(functions: Functions, event_sources: EventSources) -> Self {
        Lambda { functions, event_sources }
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
}
