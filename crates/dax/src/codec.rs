//! The bytes of the protocol: a stream of CBOR values without lengths in front, in which keys, items and expressions
//! are byte strings that hold CBOR again.
//!
//! Everything here is pure and bounded: nothing is read recursively without a limit, and nothing is reserved because a
//! length says so. Knows no socket and no table; which attributes a key or an item has is handed in.

pub mod expression;
pub mod frame;
pub mod item;
pub mod key;
mod lex_decimal;
pub mod number;
pub mod preamble;
pub mod reader;
mod scanner;
pub mod value;
pub mod writer;

pub use frame::{Frame, Framer, Method};
pub use preamble::Preamble;
pub use reader::{Fault, Reader};
