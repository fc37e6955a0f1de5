//! Who calls. [`Authenticator`] turns the credentials of a request into a [`Caller`], as strictly as it was
//! told to: not at all, by their form, or by their signature.
//!
//! [`Signer`] is the other side: it signs requests that the verifier takes.
//!
//! Guarantees the order of DynamoDB's refusals, and answers them as data ([`AuthError`]) with the words that AWS's
//! services share. Depends on the types of HTTP (the `http` crate), on no operation, code of an error or socket.

mod auth_error;
mod authenticator;
mod caller;
mod credentials;
mod failures;
mod form;
mod percent;
mod principal;
mod scope;
mod sigv4;

pub use auth_error::{AuthError, ScopeFault};
pub use authenticator::{Authenticator, Authorized, SignedRequest, SignedText, Strictness};
pub use caller::{Caller, DEFAULT_ACCOUNT, DEFAULT_REGION};
pub use credentials::{CredentialSource, Credentials, Identified, Refreshing, Secret};
pub use form::{claimed_access_key, signing_service};
pub use principal::{Principal, PrincipalKeys, PrincipalKind};
pub use sigv4::{BodyCheck, Chunked, Signer, Trailers, UnusableKey, decode_chunks};
