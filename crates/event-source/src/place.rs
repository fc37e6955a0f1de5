//! A place in a shard: behind one record, which need not be there any more. What the numbers mean is the source's
//! business; places rise with the order of records.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Behind a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Place {
    /// Of the commit.
    pub position: u128,
    /// Of the record within the commit.
    pub index: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.position, self.index)
    }
}

/// A number in JSON has fewer digits than a position may have.
impl From<Place> for String {
    fn from(place: Place) -> String {
        place.to_string()
    }
}

impl TryFrom<String> for Place {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Place, &'static str> {
        let read = || {
            let (position, index) = text.split_once('/')?;
            Some(Place { position: position.parse().ok()?, index: index.parse().ok()? })
        };
        read().ok_or("a place is two numbers with a slash between them")
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_comes_back_from_json() {
        let place = Place { position: u128::MAX, index: 7 };
        let json = serde_json::to_string(&place).unwrap();
        assert_eq!(json, "\"340282366920938463463374607431768211455/7\"");
        assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place);
        assert!(serde_json::from_str::<Place>("\"7\"").is_err());
    }
}
