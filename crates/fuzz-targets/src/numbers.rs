//! Any text is a number or refused; numbers survive printing, sort as they should, and add exactly.

use types::Number;

/// Two texts.
pub fn numbers(left: &str, right: &str) {
    let (Ok(a), Ok(b)) = (Number::parse(left), Number::parse(right)) else { return };
    assert_eq!(Number::parse(&a.to_string()), Ok(a));
    if let (Ok(sum), Ok(difference)) = (a.add(&b), a.sub(&b)) {
        assert_eq!(sum, b.add(&a).expect("addition commutes"));
        assert_eq!(difference > Number::ZERO, a > b);
    }
}

#[cfg(test)]
mod tests {
    use crate::mutations::each;

    #[test]
    fn damaged_numbers() {
        let samples: [&[u8]; 6] = [
            b"0",
            b"-12.5e10",
            b"9.9999999999999999999999999999999999999E+125",
            b"1E-130",
            b"0.000001",
            b"+7",
        ];
        each(&samples, 5_000, |input| {
            let text = String::from_utf8_lossy(input);
            super::numbers(&text, "1.5");
            super::numbers(&text, &text);
        });
    }
}
