//! What a table's traffic would have cost, and what of it would have been throttled, under each way of paying for it.
//!
//! [`Traffic`] is units by the minute, as metrics or a file of figures ([`csv`]) have them. [`simulate`] runs it
//! against a capacity that is fixed or follows its use by the rules of auto scaling. [`Plan::of`] chooses the numbers
//! and prices them; [`text`] and [`svg`] show a plan. Pure: nothing here knows stores, requests or time.

pub mod csv;
mod plan;
pub mod simulate;
pub mod svg;
pub mod text;
mod traffic;

pub use plan::{Choice, Plan, Row, Way};
pub use traffic::{Subject, Summary, Traffic};
