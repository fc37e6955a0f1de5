//! The engine on a store that keeps nothing.

mod catalog;
mod fixture;
mod model;
mod transact;
mod write;
