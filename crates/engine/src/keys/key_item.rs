//! Keys as items: an item reduced to its key attributes.

use types::{Item, MapRef, MapWriter};

/// The attributes of an item that make up these keys, as an item.
pub(crate) fn key_item<'n>(item: MapRef<'_>, names: impl Iterator<Item = &'n str>) -> Item {
    let mut key = MapWriter::new();
    for name in names {
        if let Some(value) = item.get_bytes(name) {
            key.entry(name).extend_from_slice(value);
        }
    }
    let mut bytes = Vec::new();
    key.finish(&mut bytes);
    Item::from_canonical(bytes)
}
