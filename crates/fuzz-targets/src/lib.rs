//! What is fuzzed: a function for each reader of untrusted bytes, which returns for every input or has found a fault.
//!
//! `fuzz_targets/` hands these functions to libFuzzer (`cargo +nightly fuzz run json_reader`). The tests here hand them
//! the same few thousand inputs each time: samples of what the reader expects, damaged on a seed.

mod dax_frames;
mod documents;
mod expressions;
mod json_reader;
mod lines;
mod listener;
mod log_recovery;
#[cfg(test)]
mod mutations;
mod numbers;
mod patterns;
mod peer_calls;
mod peer_envelopes;
mod policies;
mod rows;
mod sealed_files;
mod signatures;
mod statements;

pub use dax_frames::dax_frames;
pub use documents::documents;
pub use expressions::expressions;
pub use json_reader::json_reader;
pub use lines::lines;
pub use listener::listener;
pub use log_recovery::log_recovery;
pub use numbers::numbers;
pub use patterns::patterns;
pub use peer_calls::peer_calls;
pub use peer_envelopes::peer_envelopes;
pub use policies::policies;
pub use rows::rows;
pub use sealed_files::sealed_files;
pub use signatures::signatures;
pub use statements::statements;
