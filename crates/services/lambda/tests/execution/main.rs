//! Functions that run: each call has its answer, and what was printed is told.

#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them")]

mod answers;
mod bounds;
mod misdeeds;
mod world;
