//! Admission of requests, ConsumedCapacity and ItemCollectionMetrics of answers, and the figures of tables. Units come
//! from the engine's meter.

mod admission;
mod collection;
mod consumed;
mod contributor;
mod sharing;
mod tally;
mod transact_costs;

pub use ::capacity::Direction;
pub use admission::{Admission, Limiter, Units};
pub use collection::{CollectionReport, collection_metrics};
pub use consumed::{Consumed, Report};
pub use contributor::Contributor;
pub use sharing::Sharing;
pub(crate) use tally::names;
pub use tally::{note_cancelled, note_event, note_stream, note_table};
pub use transact_costs::TransactCosts;
