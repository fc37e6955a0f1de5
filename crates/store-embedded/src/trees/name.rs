//! Which of the three trees.

/// Which tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Rows = 0,
    Feed = 1,
    System = 2,
}

impl Name {
    pub(crate) const ALL: [Name; 3] = [Name::Rows, Name::Feed, Name::System];

    pub(crate) fn folder(self) -> &'static str {
        ["rows", "feed", "system"][self as usize]
    }
}
