//! libFuzzer's entry to `fuzz_targets::listener`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::listener(input));
