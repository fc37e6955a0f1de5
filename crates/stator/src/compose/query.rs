//! What the query of a page says: names and values, escapes undone.

use std::borrow::Cow;

/// The pairs of a query, in order.
pub(super) fn members(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes())
}
