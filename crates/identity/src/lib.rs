//! Who calls. [`Authenticator`] turns the credentials of a request into a [`Caller`], as strictly as it was
//! told to: not at all, by their form, or by their signature.
//!
//! Guarantees the order and the texts of DynamoDB's refusals. Knows no operation and no socket.

mod authenticator;
mod caller;
mod credentials;
mod form;
mod refusal;
mod scope;
mod sigv4;

pub use authenticator::{Authenticator, SignedRequest, Strictness};
pub use caller::{Caller, DEFAULT_ACCOUNT, DEFAULT_REGION};
pub use credentials::{Credentials, Secret};
pub use refusal::missing_token;
