//! DAX's control plane: clusters, which are names for the one listener of DAX's clients that a server has, their
//! parameter groups, subnet groups, tags and events.
//!
//! What is described is documents of the store, so every server on it tells the same. A cluster's nodes are told as
//! they would be in AWS and are all this server. [`Clusters`] is what the listener needs to know of them: their names,
//! which policies name, and for how long answers may be cached.
//!
//! Reading order: [`cluster`], [`parameter_group`], [`subnet_group`], [`event`] (the documents), [`ops`] (a file for
//! each operation), [`errors`], [`service`], [`clusters`].

pub mod cluster;
pub mod clusters;
pub mod errors;
pub mod event;
pub mod ops;
mod page;
pub mod parameter_group;
pub mod service;
pub mod subnet_group;
mod tags;

pub use clusters::{Clusters, OfRegion};
pub use service::{DaxControl, Reached};
