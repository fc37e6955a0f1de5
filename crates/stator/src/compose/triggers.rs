//! The event source mappings at work.

use engine::Engine;
use event_source::{Mappings, Poller};
use lambda::Functions;
use std::sync::Arc;
use stdx::{Clock, Random};
use store::Store;
use store::lease::Leases;

/// What takes the records of streams through functions, for as long as the server runs. There is no queue and no topic
/// to tell of records that are given up: the log has them, as the destination would have got them.
pub(super) fn poller(
    engine: Engine,
    store: &Arc<dyn Store>,
    functions: Functions,
    clock: Arc<dyn Clock>,
    random: Random,
) -> Poller {
    let owner = random.next_u64();
    Poller {
        engine,
        mappings: Mappings::of(Arc::clone(store)),
        leases: Leases::of(Arc::clone(store), Arc::clone(&clock), owner),
        clock,
        invoke: lambda::event_sources::invoker(functions, random),
        tell: Arc::new(|destination, document| {
            tracing::warn!(target: "dead_letters", destination, "{document}");
            Box::pin(async {})
        }),
    }
}
