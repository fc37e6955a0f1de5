//! CloudWatch: metrics of whoever puts them, and the figures of the tables as metrics.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`metrics`] (the points of all series),
//! [`tables`](tables) (where those of the tables come from), [`statistic`] and [`window`] (what is computed of
//! points), [`errors`], [`service`].

pub mod errors;
pub mod metrics;
pub mod ops;
mod series_named;
pub mod service;
pub mod statistic;
mod tables;
pub mod window;

pub use service::CloudWatch;
