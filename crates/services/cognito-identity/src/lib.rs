//! Cognito Identity: pools of identities, guests, users of a developer or of an identity provider, that get credentials
//! of the pool's roles.
//!
//! What an identity may do is said by the policies of the role and the name of the identity in them
//! (`${cognito-identity.amazonaws.com:sub}`). A session of a role is made by `sts`; nothing is kept of it.
//!
//! Reading order: [`pool`] and [`identity`] (the documents), `login` (what a login proves), [`ops`]
//! (the table of operations, a file for each), [`errors`], [`service`].

pub mod errors;
pub mod identity;
mod login;
pub mod ops;
pub mod pool;
pub mod service;

pub use service::CognitoIdentity;
