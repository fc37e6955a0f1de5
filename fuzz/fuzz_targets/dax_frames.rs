//! libFuzzer's entry to `fuzz_targets::dax_frames`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::dax_frames(input));
