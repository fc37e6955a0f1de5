//! libFuzzer's entry to `fuzz_targets::statements`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz_targets::statements(text));
