//! libFuzzer's entry to `fuzz_targets::expressions`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz_targets::expressions(text));
