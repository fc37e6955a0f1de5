//! libFuzzer's entry to `fuzz_targets::sealed_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::sealed_files(input));
