//! An error of the API: a code, a message, and for some codes extra members. How it looks on the wire is
//! `pipeline`'s matter; which texts there are is the operations' matter.

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
}

/// Why one action cancelled a transaction. `code` is `None` for an innocent one.
#[derive(Debug, Clone, Default)]
pub struct CancellationReason {
    /// `ConditionalCheckFailed`, `ValidationError`, … ; the wire shows `None` as text for an innocent action.
    pub code: Option<&'static str>,
    /// The text that goes with the code.
    pub message: Option<Cow<'static, str>>,
    /// The item as it is, where the action asked for it.
    pub item: Option<Item>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $name:literal $namespace:ident $status:literal $member:literal;)*) => {
        /// Every code this server sends.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            /// The code as clients see it, without its namespace.
            pub fn name(self) -> &'static str { match self { $(Code::$variant => $name),* } }
            /// The namespace in front of `#` in `__type`.
            pub fn namespace(self) -> &'static str { match self { $(Code::$variant => namespaces::$namespace),* } }
            /// The HTTP status.
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status),* } }
            /// The member that carries the text: `message` for nearly all, `Message` for some.
            pub fn message_member(self) -> &'static str { match self { $(Code::$variant => $member),* } }
        }
    };
}

mod namespaces {
    pub const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810";
    pub const VALIDATE: &str = "com.amazon.coral.validate";
    pub const SERVICE: &str = "com.amazon.coral.service";
}

codes! {
    /// A request that breaks a rule.
    Validation "ValidationException" VALIDATE 400 "message";
    /// A condition was false.
    ConditionalCheckFailed "ConditionalCheckFailedException" DYNAMODB 400 "message";
    /// No such table or index.
    ResourceNotFound "ResourceNotFoundException" DYNAMODB 400 "message";
    /// The table exists, or is being changed.
    ResourceInUse "ResourceInUseException" DYNAMODB 400 "message";
    /// A quota of the control plane.
    LimitExceeded "LimitExceededException" DYNAMODB 400 "message";
    /// An item collection above 10 GB.
    ItemCollectionSizeLimitExceeded "ItemCollectionSizeLimitExceededException" DYNAMODB 400 "message";
    /// A transaction was cancelled.
    TransactionCanceled "TransactionCanceledException" DYNAMODB 400 "Message";
    /// A single write met a transaction.
    TransactionConflict "TransactionConflictException" DYNAMODB 400 "message";
    /// The same token is being executed.
    TransactionInProgress "TransactionInProgressException" DYNAMODB 400 "Message";
    /// The same token with another request.
    IdempotentParameterMismatch "IdempotentParameterMismatchException" DYNAMODB 400 "Message";
    /// Provisioned throughput exceeded.
    ProvisionedThroughputExceeded "ProvisionedThroughputExceededException" DYNAMODB 400 "message";
    /// Throttled.
    Throttling "ThrottlingException" DYNAMODB 400 "message";
    /// Something broke on this side; the server's log says what.
    InternalServer "InternalServerError" DYNAMODB 500 "message";
    /// The server cannot answer now; try again.
    ServiceUnavailable "ServiceUnavailable" SERVICE 503 "message";
    /// A body that is not JSON, or of the wrong JSON types.
    Serialization "SerializationException" SERVICE 400 "Message";
    /// No such operation, or one that is not built.
    UnknownOperation "UnknownOperationException" SERVICE 400 "message";
    /// No credentials at all.
    MissingAuthenticationToken "MissingAuthenticationTokenException" SERVICE 400 "message";
    /// Credentials without all their parts.
    IncompleteSignature "IncompleteSignatureException" SERVICE 400 "message";
    /// Credentials that do not match.
    InvalidSignature "InvalidSignatureException" SERVICE 400 "message";
    /// An unknown access key.
    UnrecognizedClient "UnrecognizedClientException" SERVICE 400 "message";
    /// Not allowed.
    AccessDenied "AccessDeniedException" SERVICE 400 "Message";
}

impl ApiError {
    /// An error with a text and nothing else.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        ApiError { code, message: Some(message.into()), detail: None }
    }

    /// A ValidationException.
    pub fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Validation, message)
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
