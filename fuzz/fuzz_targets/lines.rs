//! libFuzzer's entry to `fuzz_targets::lines`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::lines(input));
