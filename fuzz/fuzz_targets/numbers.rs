//! Any text is a number or refused; numbers survive printing, sort as they should, and add exactly.
#![no_main]

use libfuzzer_sys::fuzz_target;
use types::Number;

fuzz_target!(|texts: (&str, &str)| {
    let (Ok(a), Ok(b)) = (Number::parse(texts.0), Number::parse(texts.1)) else { return };
    assert_eq!(Number::parse(&a.to_string()), Ok(a));
    if let (Ok(sum), Ok(difference)) = (a.add(&b), a.sub(&b)) {
        assert_eq!(sum, b.add(&a).expect("addition commutes"));
        assert_eq!(difference > Number::ZERO, a > b);
    }
});
