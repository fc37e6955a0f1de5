//! Numbers as whole thousandths: exact, and independent of the product's decimal.

/// Thousandths.
pub type Number = i128;

/// A result of more than 38 significant digits is refused as an overflow.
pub const TOO_PRECISE: &str =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";

fn digits(number: Number) -> (String, String) {
    let magnitude = number.unsigned_abs();
    let fraction = format!("{:03}", magnitude % 1000);
    ((magnitude / 1000).to_string(), fraction.trim_end_matches('0').to_owned())
}

/// The one text of a number.
pub fn text(number: Number) -> String {
    let (whole, fraction) = digits(number);
    let sign = if number < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// Reads the one text of a number; any other spelling is an error.
pub fn parse(input: &str) -> Result<Number, String> {
    let (sign, rest) = input.strip_prefix('-').map_or((1, input), |rest| (-1, rest));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let number = format!("{whole}{fraction:0<3}").parse::<Number>().map(|magnitude| sign * magnitude);
    match number {
        Ok(number) if text(number) == input => Ok(number),
        _ => Err(format!("`{input}` is not how a number is written")),
    }
}

/// One byte, one for each two significant digits on either side of the point, one for a minus.
pub fn size(number: Number) -> usize {
    let (whole, fraction) = digits(number);
    let whole = whole.trim_start_matches('0');
    let whole = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
    let fraction = if whole.is_empty() { fraction.trim_start_matches('0') } else { &fraction };
    1 + whole.len().div_ceil(2) + fraction.len().div_ceil(2) + usize::from(number < 0)
}

/// The sum, unless it has too many digits.
pub fn sum(a: Number, b: Number) -> Result<Number, &'static str> {
    let sum = a.checked_add(b).ok_or(TOO_PRECISE)?;
    let significant = sum.unsigned_abs().to_string();
    if significant.trim_end_matches('0').len() > 38 { Err(TOO_PRECISE) } else { Ok(sum) }
}

#[test]
fn sizes_and_texts() {
    let table = [
        (0, "0", 1),
        (42_000, "42", 2),
        (-42_000, "-42", 3),
        (1_200_000, "1200", 2),
        (3_141, "3.141", 4),
        (1, "0.001", 2),
        (100_500, "100.5", 4),
    ];
    for (number, spelled, bytes) in table {
        assert_eq!((text(number).as_str(), size(number)), (spelled, bytes));
        assert_eq!(parse(spelled), Ok(number));
    }
    assert!(parse("1.0").is_err() && parse("1E3").is_err() && parse("-0").is_err());
}
