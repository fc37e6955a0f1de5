//! Refusals of credentials, as data. Which code a client sees is each protocol's matter; the texts are
//! those that AWS's own services share.

use std::fmt;

/// Why a caller is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthError {
    /// No credentials at all.
    MissingToken,
    /// A signature in the header and another in the query string.
    TwoSignatures,
    /// An Authorization header without all of its parts.
    IncompleteHeader {
        /// The parts that are missing, by name.
        missing: Vec<&'static str>,
        /// Whether the request has a date.
        has_date: bool,
        /// The header as sent.
        header: String,
    },
    /// Query-string credentials without all of their parts.
    IncompleteQuery {
        /// The parameters that are missing.
        missing: Vec<&'static str>,
    },
    /// A date that is none.
    BadDate(String),
    /// Signed too long ago. Points in time are in ISO-8601's basic form.
    Expired {
        /// When it was signed.
        signed: String,
        /// The oldest that is taken.
        limit: String,
        /// The server's time.
        now: String,
        /// For how long a signature holds.
        minutes: u64,
    },
    /// Signed in the future.
    NotYetCurrent {
        /// When it was signed.
        signed: String,
        /// The newest that is taken.
        limit: String,
        /// The server's time.
        now: String,
        /// How far clocks may be apart.
        minutes: u64,
    },
    /// A header that the signature must cover, and does not.
    HeaderNotSigned(&'static str),
    /// Another algorithm than the one there is.
    UnsupportedAlgorithm(String),
    /// A credential of another number of elements.
    ScopeShape(String),
    /// A scope for something else.
    Scope(Vec<ScopeFault>),
    /// An access key that does not exist, or that is longer than any.
    UnknownKey,
    /// A session token that was not issued here.
    InvalidSessionToken,
    /// A session that has ended.
    SessionExpired,
    /// From this address too many credentials of late were wrong.
    TooManyFailures,
    /// The keys cannot be read now.
    SourceUnavailable,
    /// A signature that was not made with the key's secret over this request.
    SignatureMismatch,
    /// The hash of the body differs from `x-amz-content-sha256`.
    ContentMismatch,
    /// A body that should be in chunks (`aws-chunked`) and is not, or not all of it.
    BrokenChunks,
}

/// What is wrong with a credential scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeFault {
    /// Not the name of a region.
    Region(String),
    /// Another service than this, which the request is for.
    Service(String),
    /// Another terminator than there is.
    Terminator(String),
    /// Another day than the request's.
    Day {
        /// The day in the scope.
        scope: String,
        /// The date of the request.
        date: String,
    },
}

/// What every credential scope ends with.
pub(crate) const TERMINATOR: &str = "aws4_request";

impl AuthError {
    /// Whether it is what somebody reads who guesses keys or secrets.
    pub fn is_of_a_guess(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::InvalidSessionToken | Self::SignatureMismatch)
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingToken => f.write_str("Request is missing Authentication Token"),
            Self::TwoSignatures => f.write_str(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
            ),
            Self::IncompleteHeader { missing, has_date, header } => {
                missing_parts(f, missing, *has_date)?;
                write!(f, "Authorization={header}")
            }
            Self::IncompleteQuery { missing } => {
                for part in missing {
                    write!(f, "AWS query-string parameters must include '{part}'. ")?;
                }
                f.write_str("Re-examine the query-string parameters.")
            }
            Self::BadDate(date) => write!(
                f,
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Self::Expired { signed, limit, now, minutes } => {
                write!(f, "Signature expired: {signed} is now earlier than {limit} ({now} - {minutes} min.)")
            }
            Self::NotYetCurrent { signed, limit, now, minutes } => write!(
                f,
                "Signature not yet current: {signed} is still later than {limit} ({now} + {minutes} min.)"
            ),
            Self::HeaderNotSigned(name) => {
                write!(f, "'{name}' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::UnsupportedAlgorithm(algorithm) => {
                write!(f, "Unsupported AWS 'algorithm': '{algorithm}' (only AWS4-HMAC-SHA256 for now). ")
            }
            Self::ScopeShape(credential) => write!(
                f,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, \
                 got '{credential}'"
            ),
            Self::Scope(faults) => faults.iter().try_for_each(|fault| fault.fmt(f)),
            Self::UnknownKey => f.write_str("The security token included in the request is invalid."),
            Self::InvalidSessionToken => {
                f.write_str("The security token included in the request is invalid")
            }
            Self::SessionExpired => f.write_str("The security token included in the request is expired"),
            Self::TooManyFailures => f.write_str("Rate exceeded"),
            Self::SourceUnavailable => f.write_str("The access keys cannot be read now; try again."),
            Self::SignatureMismatch => f.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            Self::ContentMismatch => f.write_str(
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::BrokenChunks => f.write_str(
                "The request body terminated unexpectedly",
            ),
        }
    }
}

fn missing_parts(f: &mut fmt::Formatter<'_>, missing: &[&str], has_date: bool) -> fmt::Result {
    for part in missing {
        write!(f, "Authorization header requires '{part}' parameter. ")?;
    }
    if has_date {
        return Ok(());
    }
    f.write_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
}

impl fmt::Display for ScopeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(region) => {
                write!(f, "Credential should be scoped to a valid region, not '{region}'. ")
            }
            Self::Service(service) => {
                write!(f, "Credential should be scoped to correct service: '{service}'. ")
            }
            Self::Terminator(other) => write!(
                f,
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{other}'. "
            ),
            Self::Day { scope, date } => write!(
                f,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{scope}' != '{}', from '{date}'. ",
                date.get(..8).unwrap_or(date)
            ),
        }
    }
}

impl std::error::Error for AuthError {}
