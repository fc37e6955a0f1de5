//! What an answer tells of its price, and of item collections. The figures come from the engine's meter.

mod collection;
mod consumed;
mod transact_costs;

pub use collection::{CollectionReport, collection_metrics};
pub use consumed::{Consumed, Direction, Report};
pub use transact_costs::TransactCosts;
