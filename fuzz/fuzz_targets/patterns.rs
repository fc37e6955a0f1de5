//! libFuzzer's entry to `fuzz_targets::patterns`.
#![no_main]

libfuzzer_sys::fuzz_target!(|texts: (&str, &str)| fuzz_targets::patterns(texts.0, texts.1));
