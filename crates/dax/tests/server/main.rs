//! The listener, spoken to as clients do.

mod connections;
mod random_operations;
mod replay;
mod world;
