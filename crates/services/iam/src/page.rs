//! Lists in pages: `MaxItems` of them, from behind the `Marker` of the page before, which is the name it ended with.

const ITEMS_DEFAULT: usize = 100;

/// A page.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) marker: Option<String>,
}

impl<T> Page<T> {
    /// The page of names in order.
    pub(crate) fn of(
        all: impl Iterator<Item = (String, T)>,
        marker: Option<&str>,
        items_max: Option<i64>,
    ) -> Page<T> {
        let limit = items_max.map_or(ITEMS_DEFAULT, |most| most.max(1) as usize);
        let mut behind = all.skip_while(|(name, _)| marker.is_some_and(|marker| name.as_str() <= marker));
        let (mut items, mut last) = (Vec::new(), None);
        for (name, item) in behind.by_ref().take(limit) {
            last = Some(name);
            items.push(item);
        }
        let is_truncated = behind.next().is_some();
        Page { items, marker: last.filter(|_| is_truncated) }
    }

    pub(crate) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }
}
