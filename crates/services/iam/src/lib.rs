//! IAM: users, groups, roles and policies of an account, and the credentials that stand for them.
//!
//! What an account has is one document ([`account`]), so that each change is decided on all of it: names are unique,
//! nothing that is in use is deleted. [`directory`] keeps all accounts in memory, brought up to what other servers have
//! changed before each request, and is the source of access keys and sessions for signatures. [`session`] seals what a
//! session is into its token, so every server on the store accepts it.
//!
//! Reading order: [`account`], [`directory`], [`ops`] (the table of operations, a file for each), [`errors`],
//! [`service`].

pub mod account;
pub mod directory;
pub mod errors;
mod facts;
mod ids;
mod linked;
mod managed;
pub mod ops;
mod page;
mod providers;
mod rules;
pub mod sealing;
pub mod service;
pub mod session;
mod show;
mod simulation;

pub use directory::Directory;
pub use ids::{account_of_key, draw_key_id, draw_secret};
pub use rules::{tag_keys_are_distinct, trust_document};
pub use service::Iam;
