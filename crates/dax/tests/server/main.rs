//! The listener, spoken to as clients do.

mod audit;
mod clusters;
mod connections;
mod random_operations;
mod replay;
mod world;
