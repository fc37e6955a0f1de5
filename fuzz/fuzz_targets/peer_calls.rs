//! libFuzzer's entry to `fuzz_targets::peer_calls`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::peer_calls(input));
