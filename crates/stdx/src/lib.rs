//! What the standard library lacks and every crate here may use: the clock and randomness as values that
//! are handed in, the calendar, and the limits of the product by name. Independent of databases.

pub mod calendar;
pub mod clock;
pub mod future;
pub mod hex;
pub mod limits;
pub mod random;

pub use clock::{AdjustableClock, Clock, ManualClock, SystemClock};
pub use random::Random;
