//! What is counted: capacity units, in halves, because an eventually consistent read costs half a unit.

/// Whether units are read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// ReadCapacityUnits
    Read,
    /// WriteCapacityUnits
    Write,
}

/// Capacity units, in halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct HalfUnits(pub i64);

impl HalfUnits {
    /// Of units that are whole or half.
    pub fn of(units: f64) -> Self {
        HalfUnits((units * 2.0) as i64)
    }

    /// As units.
    pub fn units(self) -> f64 {
        self.0 as f64 / 2.0
    }
}
