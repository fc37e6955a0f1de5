//! Which series there are: a namespace, a name and exactly these dimensions, of an account in a region. Points of
//! different units are kept apart.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A metric with its dimensions, as it was put first: the order of dimensions tells no series apart, see [`SeriesId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Series {
    /// Where its name is unique, such as `AWS/DynamoDB`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Names and values.
    pub dimensions: Vec<(String, String)>,
}

/// Whose series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The account.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
}

/// A series of an account and region in a unit, by a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub [u8; 16]);

/// A unit, by its place in [`UNITS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(pub u8);

/// Every unit, in order: where a request leaves the unit open, the first with data counts.
const UNITS: [&str; 27] = [
    "Bits",
    "Bits/Second",
    "Bytes",
    "Bytes/Second",
    "Count",
    "Count/Second",
    "Gigabits",
    "Gigabits/Second",
    "Gigabytes",
    "Gigabytes/Second",
    "Kilobits",
    "Kilobits/Second",
    "Kilobytes",
    "Kilobytes/Second",
    "Megabits",
    "Megabits/Second",
    "Megabytes",
    "Megabytes/Second",
    "Microseconds",
    "Milliseconds",
    "None",
    "Percent",
    "Seconds",
    "Terabits",
    "Terabits/Second",
    "Terabytes",
    "Terabytes/Second",
];

impl Unit {
    /// The unit of this name.
    pub fn named(name: &str) -> Option<Self> {
        UNITS.binary_search(&name).ok().map(|place| Unit(place as u8))
    }

    /// The unit of what is put without one.
    pub fn none() -> Self {
        Unit(UNITS.binary_search(&"None").expect("it is among them") as u8)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        UNITS.get(usize::from(self.0)).copied().unwrap_or("None")
    }
}

impl Series {
    /// A series with dimensions in any order.
    pub fn new(namespace: &str, name: &str, dimensions: impl IntoIterator<Item = (String, String)>) -> Self {
        let dimensions = dimensions.into_iter().collect();
        Series { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }

    /// Its id, the same in every unit.
    pub fn id(&self, owner: Owner<'_>) -> SeriesId {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update((part.len() as u32).to_be_bytes());
            hash.update(part);
        };
        [owner.account, owner.region, &self.namespace, &self.name].into_iter().for_each(&mut add);
        let mut dimensions: Vec<_> = self.dimensions.iter().collect();
        dimensions.sort_unstable();
        for (name, value) in dimensions {
            add(name);
            add(value);
        }
        let hash = hash.finalize();
        SeriesId(hash[..16].try_into().expect("a hash has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_in_order_and_found_by_name() {
        assert!(UNITS.is_sorted());
        assert!(UNITS.iter().all(|name| Unit::named(name).map(Unit::name) == Some(*name)));
        assert_eq!((Unit::none().name(), Unit::named("Furlongs")), ("None", None));
    }

    #[test]
    fn an_id_is_of_everything_that_tells_series_apart() {
        let owner = Owner { account: "1", region: "r" };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let series = Series::new("n", "m", [pair("b", "2"), pair("a", "1")]);
        assert_eq!(series.id(owner), Series::new("n", "m", [pair("a", "1"), pair("b", "2")]).id(owner));
        for other in [
            Series::new("n", "m", [pair("a", "1")]),
            Series::new("n", "m", [pair("a", "1b"), pair("", "2")]),
            Series::new("nm", "", [pair("a", "1"), pair("b", "2")]),
        ] {
            assert_ne!(series.id(owner), other.id(owner));
        }
        assert_ne!(series.id(owner), series.id(Owner { account: "2", region: "r" }));
    }
}
