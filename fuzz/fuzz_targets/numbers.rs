//! libFuzzer's entry to `fuzz_targets::numbers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|texts: (&str, &str)| fuzz_targets::numbers(texts.0, texts.1));
