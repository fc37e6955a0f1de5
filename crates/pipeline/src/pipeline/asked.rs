//! The protocol edge of a service with any protocols, as far as it is the same for all operations: who calls, with
//! what, and the body of the answer. It is compiled once.

use super::{Edge, signed};
use crate::audit::Attempt;
use crate::entry::Answer;
use crate::operation::Callers;
use crate::origin;
use crate::protocol::{self, Protocol};
use crate::request::Request;
use crate::{Caller, credentials, trailing_checksum};
use identity::AuthError;
use model::{ApiError, code};
use std::pin::Pin;
use std::sync::Arc;
use wire::Document;
use wire::document::DocumentEvents;
use wire::schema::Structure;

/// A request for an operation.
pub(super) struct Asked<'r> {
    pub(super) operation: &'r protocol::Operation<'r>,
    pub(super) callers: Callers,
    pub(super) is_open: bool,
    pub(super) request: &'r Request,
    pub(super) protocol: Protocol,
}

type Receiving<'a> = Pin<Box<dyn Future<Output = Result<(Arc<Caller>, Document), ApiError>> + Send + 'a>>;

impl Asked<'_> {
    /// Who calls, and with what; counts what is refused. The body is read only for a caller whose credentials were
    /// accepted.
    pub(super) fn receive<'a>(
        &'a self,
        edge: &'a Edge,
        attempt: &'a Attempt,
        schema: &'static Structure,
        now_micros: u64,
    ) -> Receiving<'a> {
        Box::pin(async move {
            let count = |refusal: &ApiError| edge.figures.refuse(refusal.code.name());
            edge.refresh().await.inspect_err(count)?;
            let caller = self.authenticate(edge, now_micros).inspect_err(count)?;
            attempt.is_by(&caller);
            let document = self.read(schema).inspect_err(count)?;
            Ok((caller, document))
        })
    }

    fn authenticate(&self, edge: &Edge, now_micros: u64) -> Result<Arc<Caller>, ApiError> {
        let (signed, name) = (&signed(self.request, now_micros), self.operation.service.signing_name);
        if let Some(streams) = &self.request.streams {
            let refused = |error| credentials::refusal_in(self.protocol, error);
            let (caller, check) = edge.authenticator.authenticate_head(signed, name).map_err(refused)?;
            streams.check_by(check, &self.request.headers);
            return Ok(caller);
        }
        let caller = match self.callers {
            Callers::Believed => edge.authenticator.authenticate(signed, name),
            Callers::Verified => {
                origin::refuse_foreign(self.request)?;
                edge.authenticator.verify(signed, name)
            }
        };
        match caller {
            Err(AuthError::MissingToken) if self.is_open => Ok(Arc::new(edge.authenticator.anonymous())),
            caller => caller.map_err(|error| credentials::refusal_in(self.protocol, error)),
        }
    }

    fn read(&self, schema: &'static Structure) -> Result<Document, ApiError> {
        let Asked { operation, request, protocol, .. } = *self;
        if request.streams.is_some() {
            return protocol.read(operation, schema, request, &[]);
        }
        let chunked = identity::decode_chunks(&request.headers, &request.body);
        let chunked = chunked.map_err(|error| credentials::refusal_in(protocol, error))?;
        if let Some(chunked) = &chunked {
            trailing_checksum::check(&request.headers, chunked)?;
        }
        let body = chunked.as_ref().map_or(&request.body[..], |chunked| &chunked.body);
        protocol.read(operation, schema, request, body)
    }

    /// The body of what the operation answers, or its events.
    pub(super) fn answer(
        &self,
        schema: &'static Structure,
        output: &Document,
        events: Option<DocumentEvents>,
    ) -> Answer {
        let mut answer = self.protocol.write(self.operation, schema, output);
        if let Some(streams) = &self.request.streams {
            answer.leaving = streams.take_leaving();
            if let (Some(status), Some(head)) = (streams.status(), &mut answer.head) {
                head.status = status;
            }
        }
        match events {
            None => answer,
            Some(events) => protocol::event_stream::answer(self.protocol, &answer.body, events),
        }
    }

    /// What was read by the schema is not what the shape expects.
    #[cold]
    pub(super) fn refuse_document(&self, edge: &Edge) -> ApiError {
        let refusal = ApiError::silent(code::SERIALIZATION);
        edge.figures.refuse(refusal.code.name());
        refusal
    }
}
