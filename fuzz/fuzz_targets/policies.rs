//! libFuzzer's entry to `fuzz_targets::policies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz_targets::policies(text));
