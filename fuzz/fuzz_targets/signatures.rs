//! libFuzzer's entry to `fuzz_targets::signatures`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::signatures(input));
