//! What capacity costs: prices by region, from a data file that people edit.
//!
//! A file is read whole and checked, so that no computation meets a price that is none. Regions that it does not name
//! have the prices of its default region. Nothing here knows tables, traffic or requests.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Hours of a year, as offerings count it.
pub const HOURS_PER_YEAR: f64 = 365.0 * 24.0;
/// The file that the program carries.
const BUNDLED: &str = include_str!("../prices.json");

/// A data file of prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The day the prices are of.
    pub date: String,
    /// The currency of all of them.
    pub currency: String,
    /// Where they are from, for people.
    #[serde(default)]
    pub source: String,
    /// The region whose prices those have that are not named.
    pub default_region: String,
    /// By name of the region.
    pub regions: BTreeMap<String, RegionPrices>,
}

/// The prices of a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionPrices {
    /// A million request units of an on-demand table.
    pub million_requests: Pair,
    /// One unit of provisioned capacity for an hour.
    pub unit_hour: Pair,
    /// Capacity that is paid in advance.
    #[serde(default)]
    pub offerings: Vec<Offering>,
}

/// A price of reads and one of writes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Of reads.
    pub read: f64,
    /// Of writes.
    pub write: f64,
}

/// Capacity that is paid in advance for some years.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offering {
    /// Its id.
    pub id: String,
    /// Other ids that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What it is of.
    pub capacity: Capacity,
    /// For how long.
    pub years: u32,
    /// How many units one purchase is.
    pub units: u64,
    /// What is paid at once for so many units.
    pub upfront: f64,
    /// What is paid for so many units and an hour, used or not.
    pub hourly: f64,
}

/// What capacity is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Capacity {
    /// Of reads.
    Read,
    /// Of writes.
    Write,
}

impl Prices {
    /// Those that the program carries.
    pub fn bundled() -> Prices {
        Prices::parse(BUNDLED).expect("the bundled file is checked by a test")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// In words for whoever edits it.
    pub fn parse(text: &str) -> Result<Prices, String> {
        let prices: Prices = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if !prices.regions.contains_key(&prices.default_region) {
            return Err(format!("there are no prices of the default region {}", prices.default_region));
        }
        for (name, region) in &prices.regions {
            region.check().map_err(|what| format!("{name}: {what}"))?;
        }
        Ok(prices)
    }

    /// The prices of a region.
    pub fn of(&self, region: &str) -> &RegionPrices {
        &self.regions[self.region_of(region)]
    }

    /// The region whose prices a region has.
    pub fn region_of<'a>(&'a self, region: &'a str) -> &'a str {
        if self.regions.contains_key(region) { region } else { &self.default_region }
    }
}

impl Default for Prices {
    fn default() -> Self {
        Prices::bundled()
    }
}

impl RegionPrices {
    /// The offering of an id.
    pub fn offering(&self, id: &str) -> Option<&Offering> {
        self.offerings.iter().find(|offering| offering.ids().any(|known| known == id))
    }

    fn check(&self) -> Result<(), String> {
        for (price, what) in [(self.million_requests, "million_requests"), (self.unit_hour, "unit_hour")] {
            if !is_price(price.read) || !is_price(price.write) {
                return Err(format!("{what} must be numbers from 0"));
            }
        }
        let mut ids = BTreeSet::new();
        for offering in &self.offerings {
            if let Some(id) = offering.ids().find(|id| id.is_empty() || !ids.insert(*id)) {
                return Err(format!("the id of an offering is empty or given twice: {id:?}"));
            }
            let (years, units) =
                ((1..=10).contains(&offering.years), (1..=1_000_000).contains(&offering.units));
            if !(years && units && is_price(offering.upfront) && is_price(offering.hourly)) {
                return Err(format!(
                    "the offering {}: years must be 1 to 10, units 1 to a million, prices numbers from 0",
                    offering.id
                ));
            }
        }
        Ok(())
    }
}

impl Offering {
    /// What one unit costs in an hour, all things paid counted.
    pub fn unit_hour(&self) -> f64 {
        let hours = f64::from(self.years) * HOURS_PER_YEAR;
        (self.upfront / hours + self.hourly) / self.units as f64
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.also.iter().map(String::as_str))
    }
}

impl Capacity {
    /// Both.
    pub const ALL: [Capacity; 2] = [Capacity::Read, Capacity::Write];

    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            Capacity::Read => "READ",
            Capacity::Write => "WRITE",
        }
    }
}

impl Pair {
    /// That of one of the two.
    pub fn of(self, capacity: Capacity) -> f64 {
        match capacity {
            Capacity::Read => self.read,
            Capacity::Write => self.write,
        }
    }
}

fn is_price(price: f64) -> bool {
    price.is_finite() && price >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_file_reads_and_saves_what_is_said() {
        let prices = Prices::bundled();
        let region = prices.of("eu-west-1");
        assert_eq!(prices.region_of("eu-west-1"), "us-east-1");
        let saved = |id| {
            let offering = region.offering(id).unwrap();
            (100.0 * (1.0 - offering.unit_hour() / region.unit_hour.of(offering.capacity))).floor()
        };
        assert_eq!(["offering-id", "read-1-year", "write-1-year"].map(saved), [54.0, 54.0, 53.0]);
        assert_eq!(["read-3-years", "write-3-years"].map(saved), [77.0, 77.0]);
    }

    #[test]
    fn a_file_that_is_wrong_is_refused_in_words() {
        let check = |from: &str, to: &str, expect: &str| {
            let text = BUNDLED.replacen(from, to, 1);
            assert_ne!(text, BUNDLED, "{from}");
            let refusal = Prices::parse(&text).unwrap_err();
            assert!(refusal.contains(expect), "{refusal}");
        };
        check(
            "\"default_region\": \"us-east-1\"",
            "\"default_region\": \"x\"",
            "no prices of the default region x",
        );
        check("0.625", "-1", "million_requests must be numbers from 0");
        check("\"read-3-years\"", "\"offering-id\"", "given twice: \"offering-id\"");
        check("\"years\": 3", "\"years\": 0", "the offering read-3-years: years");
        check("\"date\"", "\"day\"", "unknown field `day`");
        check("0.00013", "1e999", "number out of range");
    }
}
