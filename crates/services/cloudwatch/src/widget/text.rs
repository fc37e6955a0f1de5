//! Letters: those of Noto Sans Mono, drawn beforehand. What it lacks is a question mark.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, RasterizedChar, get_raster, get_raster_width};

/// How large letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// Labels.
    Small,
    /// Titles.
    Large,
}

impl Size {
    fn raster(self) -> RasterHeight {
        match self {
            Size::Small => RasterHeight::Size16,
            Size::Large => RasterHeight::Size20,
        }
    }

    /// Pixels of a line.
    pub(super) fn height(self) -> i32 {
        self.raster().val() as i32
    }

    /// Pixels of a letter and the space behind it.
    pub(super) fn advance(self) -> i32 {
        get_raster_width(FontWeight::Regular, self.raster()) as i32
    }

    /// Pixels of a text.
    pub(super) fn width(self, text: &str) -> i32 {
        self.advance() * i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 64)
    }

    /// The text, or its beginning where it is wider than so many pixels.
    pub(super) fn cut(self, text: &str, width: i32) -> String {
        let room = (width / self.advance()).max(1) as usize;
        if text.chars().count() <= room {
            return text.to_owned();
        }
        text.chars().take(room.saturating_sub(2)).chain("..".chars()).collect()
    }

    /// How opaque each pixel of a letter is, row by row.
    pub(super) fn letter(self, letter: char) -> Option<RasterizedChar> {
        let draw = |letter| get_raster(letter, FontWeight::Regular, self.raster());
        draw(letter).or_else(|| draw('?'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_with_dots() {
        let width = Size::Small.width("abcdef");
        assert_eq!(Size::Small.cut("abcdef", width), "abcdef");
        assert_eq!(Size::Small.cut("abcdefg", width), "abcd..");
        assert!(Size::Large.letter('ß').is_some() && Size::Large.height() > Size::Small.height());
    }
}
