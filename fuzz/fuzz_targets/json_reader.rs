//! libFuzzer's entry to `fuzz_targets::json_reader`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::json_reader(input));
