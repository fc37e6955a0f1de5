//! What every store must pass: the contract as named checks ([`conformance`]), and random operations whose every answer
//! is compared ([`random_test`]). The tests of each store run both; the server is built without them.

#[cfg(test)]
mod broken;
pub mod conformance;
pub mod random_test;
