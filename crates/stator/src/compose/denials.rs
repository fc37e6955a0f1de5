//! `GET /_stator/denials/REQUEST_ID`: why a recent request was denied, and what would have to change.
//!
//! A server that verifies signatures requires a request signed for IAM, with a key of the account's root.

use http_server::{Act, Page};
use iam::Iam;
use pipeline::{Pipeline, Request, Service};
use std::sync::Arc;

const PATH: &str = "/_stator/denials/";

/// The page that explains denied requests.
pub(super) struct Denials {
    pipeline: Arc<Pipeline>,
    verifies: bool,
}

impl Denials {
    pub(super) fn of(pipeline: Arc<Pipeline>, verifies: bool) -> Self {
        Denials { pipeline, verifies }
    }

    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        let id = request.uri.path().strip_prefix(PATH).filter(|_| request.method.as_str() == "GET")?;
        let page = self.page(request, id);
        Some(Box::pin(std::future::ready(page)))
    }

    fn page(&self, request: &Request, id: &str) -> Page {
        if self.verifies
            && let Err(refusal) = self.pipeline.authenticate(request, Iam::SIGNING_NAME)
        {
            return Page::Refused(refusal);
        }
        match self.pipeline.explain_denial(id) {
            Some(explanation) => Page::text(200, explanation),
            None => Page::text(404, "no request with this id was denied of late\n"),
        }
    }
}

impl std::fmt::Debug for Denials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Denials").field("verifies", &self.verifies).finish_non_exhaustive()
    }
}
