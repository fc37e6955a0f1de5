//! Application Auto Scaling: capacity of tables and indexes that follows their use and their schedules.
//!
//! # Layout
//!
//! A [`target`] is a table or an index with bounds of its capacity, its [`policy`]s and its [`schedule`]d actions: one
//! document. What changes it is in [`ops`], a file for each operation. A policy has alarms in CloudWatch; when they
//! sound, [`scaling`] decides what the capacity is to be, and [`capacity`] changes it through UpdateTable, as any
//! client would. Everything that was done, or was not, is an [`activity`].

mod activity;
mod alarms;
mod capacity;
pub mod errors;
mod new_tables;
pub mod ops;
mod policy;
mod replica_settings;
mod scaling;
mod schedule;
pub mod service;
mod target;

pub use service::{ApplicationAutoScaling, Parts};
