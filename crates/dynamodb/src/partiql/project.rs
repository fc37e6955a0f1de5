//! What a SELECT names of an item: each path under its last step, however deep it leads.

use expr::Path;
use expr::path::Element;
use std::collections::BTreeMap;
use types::{Item, ItemBuilder, MapRef};

/// The item that is answered. A path that leads nowhere has no attribute; of two with the same last step the later one
/// counts.
pub fn project(item: MapRef<'_>, paths: &[Path]) -> Item {
    let found = paths.iter().filter_map(|path| Some((name(path), path.find_bytes(item)?)));
    let mut answer = ItemBuilder::new();
    for (name, value) in found.collect::<BTreeMap<_, _>>() {
        answer.put_encoded(&name, value);
    }
    answer.build()
}

/// The last step; an element of a list with the name of the list.
fn name(path: &Path) -> String {
    let elements = path.elements();
    let at = elements.iter().rposition(|element| matches!(element, Element::Name(_))).unwrap_or(0);
    let mut name = String::new();
    for element in &elements[at..] {
        match element {
            Element::Name(last) => name.push_str(last),
            Element::Index(index) => name.push_str(&format!("[{index}]")),
        }
    }
    name
}
