//! Colours: those that are given as `#rrggbb`, and those that curves have otherwise.

/// Red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) const WHITE: Color = [255, 255, 255];
pub(super) const BLACK: Color = [22, 25, 31];
pub(super) const GREY: Color = [95, 107, 122];
pub(super) const GRID: Color = [228, 231, 235];

/// Of curves without one, in turns.
const PALETTE: [Color; 10] = [
    [0x1f, 0x77, 0xb4],
    [0xff, 0x7f, 0x0e],
    [0x2c, 0xa0, 0x2c],
    [0xd6, 0x27, 0x28],
    [0x94, 0x67, 0xbd],
    [0x8c, 0x56, 0x4b],
    [0xe3, 0x77, 0xc2],
    [0x7f, 0x7f, 0x7f],
    [0xbc, 0xbd, 0x22],
    [0x17, 0xbe, 0xcf],
];

/// The colour of a curve by its place.
pub(super) fn of_place(place: usize) -> Color {
    PALETTE[place % PALETTE.len()]
}

/// A colour on which there is another that is so opaque.
pub(super) fn mixed(below: Color, above: Color, opacity: u8) -> Color {
    let part = |at: usize| {
        let (below, above, opacity) = (u32::from(below[at]), u32::from(above[at]), u32::from(opacity));
        ((below * (255 - opacity) + above * opacity + 127) / 255) as u8
    };
    [part(0), part(1), part(2)]
}

/// `#rgb` or `#rrggbb`.
pub(super) fn parse(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
    match digits.len() {
        6 => Some([(number >> 16) as u8, (number >> 8) as u8, number as u8]),
        3 => Some([8, 4, 0].map(|shift| (number >> shift & 15) as u8 * 17)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        assert_eq!(parse("#ff8000"), Some([255, 128, 0]));
        assert_eq!(parse("#f80"), Some([255, 136, 0]));
        for text in ["", "ff8000", "#ff80", "#gggggg", "#+ff800"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
