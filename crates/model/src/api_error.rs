//! An error of the API: a code, a message, and for some codes extra members. `pipeline` encodes it; the
//! operations define the texts.

use crate::code::{self, Code};
use std::borrow::Cow;
use types::Item;

/// What a client receives instead of a result.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// The modelled or protocol-level code.
    pub code: Code,
    /// The exact text, `None` where DynamoDB sends none.
    pub message: Option<Cow<'static, str>>,
    /// Members beside the message.
    pub detail: Option<Box<Detail>>,
}

/// Extra members of an error body.
#[derive(Debug, Clone)]
pub enum Detail {
    /// `Item` of ConditionalCheckFailedException.
    Item(Item),
    /// `CancellationReasons` of TransactionCanceledException, in request order.
    CancellationReasons(Vec<CancellationReason>),
    /// `ThrottlingReasons` of the errors of throttled requests.
    ThrottlingReasons(Vec<ThrottlingReason>),
    /// Members of an error in XML, by name, in their order.
    Members(Vec<(&'static str, String)>),
    /// Why a request was denied, for the server's administrator. It is never sent to a client.
    Explanation(String),
}

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottlingReason {
    /// Such as `TableReadProvisionedThroughputExceeded`.
    pub reason: String,
    /// The ARN of the table or index.
    pub resource: String,
}

/// Why one action cancelled a transaction. `code` is `None` for an innocent one.
#[derive(Debug, Clone, Default)]
pub struct CancellationReason {
    /// `ConditionalCheckFailed`, `ValidationError`, … ; the wire shows `None` as text for an innocent action.
    pub code: Option<&'static str>,
    /// The text that goes with the code.
    pub message: Option<Cow<'static, str>>,
    /// The current item, where the action requested it.
    pub item: Option<Item>,
}

impl ApiError {
    /// An error with a text and no extra members.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        ApiError { code, message: Some(message.into()), detail: None }
    }

    /// A ValidationException.
    pub fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::VALIDATION, message)
    }

    /// An error without a text.
    pub fn silent(code: Code) -> Self {
        ApiError { code, message: None, detail: None }
    }

    /// The same error with extra members.
    pub fn with(mut self, detail: Detail) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }
}
