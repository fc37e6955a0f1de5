//! What is answered to a GET that calls no operation. Which pages there are is composed in the binary.

mod health;

pub use health::{HealthPages, Persona};

use bytes::Bytes;
use std::fmt;

/// The pages of a listener. Found by the head of a request alone: method, path and headers.
pub trait Pages: fmt::Debug + Send + Sync + 'static {
    /// The page for a GET or HEAD.
    fn find(&self, request: &pipeline::Request) -> Page;
}

/// The answer to a GET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// A document.
    Document {
        /// The HTTP status.
        status: u16,
        /// `Content-Type`.
        content_type: &'static str,
        /// `Cache-Control`, if any.
        cache_control: Option<&'static str>,
        /// The body.
        body: Bytes,
    },
    /// The API's refusal of a request without credentials.
    MissingToken,
    /// There is no such page.
    Unknown,
}

impl Page {
    /// A plain text that is not to be cached.
    pub fn text(status: u16, text: impl Into<Bytes>) -> Self {
        let content_type = "text/plain; charset=utf-8";
        Page::Document { status, content_type, cache_control: None, body: text.into() }
    }
}
