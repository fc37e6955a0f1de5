//! The project's chores: tests, benchmarks, code generation.
fn main() {}
