//! The engine on a store that keeps nothing.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod backups;
mod between_stores;
mod catalog;
mod expiry;
mod expiry_crashes;
mod feed;
mod fixture;
mod full_store;
mod index_crashes;
mod indexes;
mod joining;
mod model;
mod older_jobs;
mod read;
mod recovery;
mod regions;
mod replication;
mod sealing;
mod streams;
mod strong;
mod transact;
mod write;
