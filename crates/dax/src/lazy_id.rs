//! The id of a request, drawn when somebody asks for it: what a cache answers has none.

use pipeline::RequestId;
use std::sync::OnceLock;
use stdx::Random;

/// See the module.
pub(crate) struct LazyId<'a> {
    random: &'a Random,
    drawn: OnceLock<RequestId>,
}

impl<'a> LazyId<'a> {
    pub(crate) fn of(random: &'a Random) -> Self {
        LazyId { random, drawn: OnceLock::new() }
    }

    /// The id, which is the same from now on.
    pub(crate) fn get(&self) -> &RequestId {
        self.drawn.get_or_init(|| RequestId::draw(self.random))
    }
}
