//! DAX's data plane: what the clients of DAX speak.
//!
//! [`codec`] is the bytes of the protocol: frames, keys, items, numbers and expressions, pure and bounded.

pub mod codec;
