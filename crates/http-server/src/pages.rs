//! What is answered to a request that calls no operation. Which pages there are is composed in the binary.

mod health;

pub use health::{HealthPages, Persona};

use bytes::Bytes;
use pipeline::Refusal;
use std::fmt;
use stdx::future::Boxed;

/// The pages of a listener. Found by the head of a request alone: method, path and headers. A request comes without
/// its body, but where one is taken.
pub trait Pages: fmt::Debug + Send + Sync + 'static {
    /// The page for a GET or HEAD.
    fn find(&self, request: &pipeline::Request) -> Page;

    /// The largest body that the action behind a path takes; `None`: it takes none. It is received before the action.
    fn body_bytes_max(&self, _: &pipeline::Request) -> Option<usize> {
        None
    }

    /// The action behind a path of the server's own, by any method; `None`: there is none.
    fn act(&self, _: &pipeline::Request) -> Option<Act> {
        None
    }
}

/// Performs the action and returns its result as text.
pub type Act = Boxed<'static, Page>;

/// The answer.
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
    /// The API's refusal.
    Refused(Refusal),
    /// There is no such page.
    Unknown,
}

impl Page {
    /// A plain text that is not to be cached.
    pub fn text(status: u16, text: impl Into<Bytes>) -> Self {
        let content_type = "text/plain; charset=utf-8";
        Page::Document { status, content_type, cache_control: None, body: text.into() }
    }

    /// A JSON document.
    pub fn json(status: u16, text: impl Into<Bytes>) -> Self {
        Page::Document { status, content_type: "application/json", cache_control: None, body: text.into() }
    }
}
