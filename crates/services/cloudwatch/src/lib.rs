//! CloudWatch: metrics of whoever puts them, and the figures of the tables as metrics.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`metrics`] (the points of all series),
//! [`tables`](tables) (where those of the tables come from), [`statistic`] and [`window`] (what is computed of
//! points), [`queries`] and [`math`] (what requests and alarms ask for), [`widget`](widget) (graphs as
//! pictures), [`alarms`], [`errors`], [`service`].

pub mod alarms;
mod consumed;
mod dashboards;
pub mod errors;
mod insights;
pub mod math;
pub mod metrics;
pub mod ops;
pub mod queries;
mod series_named;
pub mod service;
mod shown;
pub mod statistic;
mod tables;
mod tags;
mod token;
mod widget;
pub mod window;

pub use service::{CloudWatch, InsightRules, Level, Levels, Parts};
