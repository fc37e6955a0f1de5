//! Colours of a terminal, or none.

use super::arguments::Color;
use crate::client::Variables;

/// Whether text is painted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(bool);

/// What a piece of text means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// What is there now.
    New,
    /// What was there before.
    Old,
    /// What was changed.
    Changed,
    /// What is beside the point.
    Faint,
    /// What leads the eye.
    Strong,
}

impl Paint {
    /// As the option requests; without it on a terminal with colours, unless NO_COLOR is set.
    pub(super) fn new(color: Color, is_terminal: bool, variables: &Variables<'_>) -> Paint {
        let is_wanted =
            || variables.get("NO_COLOR").is_none() && variables.get("TERM").as_deref() != Some("dumb");
        Paint(match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && is_wanted(),
        })
    }

    /// The text in this ink.
    pub(super) fn text(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::New => "32",
            Ink::Old => "31",
            Ink::Changed => "33",
            Ink::Faint => "2",
            Ink::Strong => "1",
        };
        if self.0 && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_where_they_are_wanted() {
        let painted = |color, is_terminal, set: Option<(&str, &str)>| {
            let variable = |name: &str| set.filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned());
            Paint::new(color, is_terminal, &Variables::new(&variable, &|_| None)).text(Ink::New, "x") != "x"
        };
        assert!(painted(Color::Auto, true, None) && !painted(Color::Auto, false, None));
        assert!(
            !painted(Color::Auto, true, Some(("NO_COLOR", "1")))
                && painted(Color::Auto, true, Some(("NO_COLOR", "")))
        );
        assert!(!painted(Color::Auto, true, Some(("TERM", "dumb"))));
        assert!(painted(Color::Always, false, Some(("NO_COLOR", "1"))) && !painted(Color::Never, true, None));
    }
}
