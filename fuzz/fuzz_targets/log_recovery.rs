//! libFuzzer's entry to `fuzz_targets::log_recovery`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::log_recovery(input));
