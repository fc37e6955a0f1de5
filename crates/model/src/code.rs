//! Error codes. A service declares its own, with what each protocol makes of them; the codes that every service
//! sends are declared here. Codes are compared by name and namespace, never by a text.

use std::fmt;

/// A code that a server sends: a reference to its static description.
#[derive(Clone, Copy)]
pub struct Code(&'static CodeInfo);

/// What a code is called and answered with, per protocol.
#[derive(Debug)]
pub struct CodeInfo {
    namespace: &'static str,
    name: &'static str,
    status: u16,
    message_member: &'static str,
    rest_json_status: u16,
    has_fault_in_body: bool,
    query: Spelling,
    rest_xml: Spelling,
}

/// A code in a protocol that has names and statuses of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The client's.
    Sender,
    /// The server's.
    Receiver,
}

impl CodeInfo {
    /// A code that is the same in every protocol, with the text in `message`.
    pub const fn new(namespace: &'static str, name: &'static str, status: u16) -> Self {
        let spelling = Spelling { code: name, status };
        CodeInfo {
            namespace,
            name,
            status,
            message_member: "message",
            rest_json_status: status,
            has_fault_in_body: false,
            query: spelling,
            rest_xml: spelling,
        }
    }

    /// The same with the text in another member.
    pub const fn with_message_in(self, message_member: &'static str) -> Self {
        CodeInfo { message_member, ..self }
    }

    /// The same with another status in rest-json.
    pub const fn in_rest_json(self, rest_json_status: u16) -> Self {
        CodeInfo { rest_json_status, ..self }
    }

    /// The same with whose fault it is in the member `Type` of rest-json's body.
    pub const fn with_fault_in_body(self) -> Self {
        CodeInfo { has_fault_in_body: true, ..self }
    }

    /// The same with another name and status in the query protocol.
    pub const fn in_query(self, code: &'static str, status: u16) -> Self {
        CodeInfo { query: Spelling { code, status }, ..self }
    }

    /// The same with another name and status in rest-xml.
    pub const fn in_rest_xml(self, code: &'static str, status: u16) -> Self {
        CodeInfo { rest_xml: Spelling { code, status }, ..self }
    }
}

impl Code {
    /// The code of a description.
    pub const fn of(info: &'static CodeInfo) -> Self {
        Code(info)
    }

    /// The code in answers, without its namespace.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The code with its namespace, as JSON and CBOR spell it: `namespace#Code`, or `Code` alone.
    pub fn qualified(self) -> String {
        match self.namespace() {
            "" => self.name().to_owned(),
            namespace => format!("{namespace}#{}", self.name()),
        }
    }

    /// The namespace in front of `#` in `__type`; empty for none.
    pub fn namespace(self) -> &'static str {
        self.0.namespace
    }

    /// The HTTP status of the JSON and CBOR protocols.
    pub fn status(self) -> u16 {
        self.0.status
    }

    /// The member that carries the text: `message` for nearly all, `Message` for some.
    pub fn message_member(self) -> &'static str {
        self.0.message_member
    }

    /// The HTTP status in rest-json.
    pub fn rest_json_status(self) -> u16 {
        self.0.rest_json_status
    }

    /// The `Type` member of rest-json's body (User or Server), where it has one.
    pub fn fault_in_body(self) -> Option<&'static str> {
        let fault = if self.fault() == Fault::Sender { "User" } else { "Service" };
        self.0.has_fault_in_body.then_some(fault)
    }

    /// Name and status in the query protocol.
    pub fn query(self) -> Spelling {
        self.0.query
    }

    /// Name and status in rest-xml.
    pub fn rest_xml(self) -> Spelling {
        self.0.rest_xml
    }

    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        if self.0.status < 500 { Fault::Sender } else { Fault::Receiver }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || (self.name(), self.namespace()) == (other.name(), other.namespace())
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const SERVICE: &str = "com.amazon.coral.service";

/// A request that breaks a rule.
pub const VALIDATION: Code = Code::of(
    &CodeInfo::new("com.amazon.coral.validate", "ValidationException", 400)
        .in_query("ValidationError", 400)
        .in_rest_xml("InvalidArgument", 400),
);
/// A body that cannot be read, or has members of the wrong types.
pub const SERIALIZATION: Code = Code::of(
    &CodeInfo::new(SERVICE, "SerializationException", 400)
        .with_message_in("Message")
        .in_query("MalformedInput", 400)
        .in_rest_xml("MalformedXML", 400),
);
/// No such operation, or one that is not built.
pub const UNKNOWN_OPERATION: Code = Code::of(
    &CodeInfo::new(SERVICE, "UnknownOperationException", 400)
        .in_rest_json(404)
        .in_query("InvalidAction", 400)
        .in_rest_xml("NotImplemented", 501),
);
/// A body above the limit of its operation.
pub const REQUEST_TOO_LARGE: Code = Code::of(
    &CodeInfo::new(SERVICE, "RequestEntityTooLargeException", 413)
        .in_query("RequestEntityTooLarge", 413)
        .in_rest_xml("EntityTooLarge", 400),
);
/// No credentials at all.
pub const MISSING_AUTHENTICATION_TOKEN: Code = Code::of(
    &CodeInfo::new(SERVICE, "MissingAuthenticationTokenException", 400)
        .in_rest_json(403)
        .in_query("MissingAuthenticationToken", 403)
        .in_rest_xml("AccessDenied", 403),
);
/// Credentials without all their parts.
pub const INCOMPLETE_SIGNATURE: Code = Code::of(
    &CodeInfo::new(SERVICE, "IncompleteSignatureException", 400)
        .in_rest_json(403)
        .in_query("IncompleteSignature", 400)
        .in_rest_xml("AuthorizationHeaderMalformed", 400),
);
/// Credentials that do not match.
pub const INVALID_SIGNATURE: Code = Code::of(
    &CodeInfo::new(SERVICE, "InvalidSignatureException", 400)
        .in_rest_json(403)
        .in_query("SignatureDoesNotMatch", 403)
        .in_rest_xml("SignatureDoesNotMatch", 403),
);
/// Signed outside the time window. Only rest-xml distinguishes it from a signature that does not match.
pub const REQUEST_TIME_SKEWED: Code = Code::of(
    &CodeInfo::new(SERVICE, "InvalidSignatureException", 400)
        .in_rest_json(403)
        .in_query("SignatureDoesNotMatch", 403)
        .in_rest_xml("RequestTimeTooSkewed", 403),
);
/// A body that differs from the signed one, where the protocol has a code for it.
pub const CONTENT_MISMATCH: Code = Code::of(
    &CodeInfo::new(SERVICE, "InvalidSignatureException", 400)
        .in_rest_json(403)
        .in_query("SignatureDoesNotMatch", 403)
        .in_rest_xml("XAmzContentSHA256Mismatch", 400),
);
/// A body in signed chunks whose framing is invalid.
pub const INCOMPLETE_BODY: Code = Code::of(
    &CodeInfo::new(SERVICE, "SerializationException", 400)
        .in_query("MalformedInput", 400)
        .in_rest_xml("IncompleteBody", 400),
);
/// A checksum that is not the body's.
pub const BAD_DIGEST: Code =
    Code::of(&CodeInfo::new(SERVICE, "SerializationException", 400).in_rest_xml("BadDigest", 400));
/// Trailers of a body that are not those announced.
pub const MALFORMED_TRAILER: Code = Code::of(
    &CodeInfo::new(SERVICE, "SerializationException", 400).in_rest_xml("MalformedTrailerError", 400),
);
/// A trailer that is not known, or a value that cannot be one.
pub const INVALID_TRAILER: Code =
    Code::of(&CodeInfo::new(SERVICE, "SerializationException", 400).in_rest_xml("InvalidRequest", 400));
/// An unknown access key.
pub const UNRECOGNIZED_CLIENT: Code = Code::of(
    &CodeInfo::new(SERVICE, "UnrecognizedClientException", 400)
        .in_rest_json(403)
        .in_query("InvalidClientTokenId", 403)
        .in_rest_xml("InvalidAccessKeyId", 403),
);
/// A session that has ended.
pub const EXPIRED_TOKEN: Code = Code::of(
    &CodeInfo::new(SERVICE, "ExpiredTokenException", 400)
        .in_rest_json(403)
        .in_query("ExpiredToken", 403)
        .in_rest_xml("ExpiredToken", 400),
);
/// Not allowed.
pub const ACCESS_DENIED: Code = Code::of(
    &CodeInfo::new(SERVICE, "AccessDeniedException", 400)
        .with_message_in("Message")
        .in_rest_json(403)
        .in_query("AccessDenied", 403)
        .in_rest_xml("AccessDenied", 403),
);
/// Throttled.
pub const THROTTLING: Code = Code::of(
    &CodeInfo::new("com.amazon.coral.availability", "ThrottlingException", 400)
        .in_rest_json(429)
        .in_query("Throttling", 400)
        .in_rest_xml("SlowDown", 503),
);
/// An internal failure; the server's log has the cause.
pub const INTERNAL_FAILURE: Code =
    Code::of(&CodeInfo::new(SERVICE, "InternalFailure", 500).in_rest_xml("InternalError", 500));
/// The server cannot answer now; try again.
pub const SERVICE_UNAVAILABLE: Code = Code::of(&CodeInfo::new(SERVICE, "ServiceUnavailable", 503));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_name_in_its_namespace() {
        let twin = CodeInfo::new("com.amazon.coral.validate", "ValidationException", 400);
        let of_another_service = CodeInfo::new("com.example", "ValidationException", 400);
        assert_eq!(VALIDATION, Code::of(Box::leak(Box::new(twin))));
        assert_ne!(VALIDATION, Code::of(Box::leak(Box::new(of_another_service))));
        assert_eq!((VALIDATION.fault(), INTERNAL_FAILURE.fault()), (Fault::Sender, Fault::Receiver));
    }

    #[test]
    fn protocols_have_spellings_of_their_own() {
        let Spelling { code, status } = UNRECOGNIZED_CLIENT.query();
        assert_eq!((code, status), ("InvalidClientTokenId", 403));
        assert_eq!(UNRECOGNIZED_CLIENT.rest_xml().code, "InvalidAccessKeyId");
        assert_eq!((UNRECOGNIZED_CLIENT.status(), UNRECOGNIZED_CLIENT.rest_json_status()), (400, 403));
    }
}
