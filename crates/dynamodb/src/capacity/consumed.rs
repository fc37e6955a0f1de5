//! ConsumedCapacity: units of the table and of each index, in the three shapes of ReturnConsumedCapacity.

use super::{Direction, tally};
use crate::service::DynamoDb;
use engine::meter::write_units;
use engine::{IndexKind, Table, Written};
use model::dynamodb::{Capacity, ConsumedCapacity};
use pipeline::Cx;
use std::collections::BTreeMap;

/// The value of ReturnConsumedCapacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// NONE
    Nothing,
    /// TOTAL
    Total,
    /// INDEXES
    Indexes,
}

impl Report {
    /// From ReturnConsumedCapacity, already checked.
    pub fn of(value: Option<&str>) -> Self {
        match value {
            Some("TOTAL") => Report::Total,
            Some("INDEXES") => Report::Indexes,
            _ => Report::Nothing,
        }
    }

    /// The value of ReturnConsumedCapacity, given or implied.
    pub fn name(self) -> &'static str {
        match self {
            Report::Nothing => "NONE",
            Report::Total => "TOTAL",
            Report::Indexes => "INDEXES",
        }
    }
}

/// Units that were consumed on one table and its indexes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Consumed {
    pub(super) table: f64,
    /// By position in the table's list of indexes; only those that were charged.
    pub(super) indexes: BTreeMap<usize, IndexUnits>,
}

/// Units of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct IndexUnits {
    pub(super) units: f64,
    /// Where in the index's ranges of keys a write has put them; sums have no place.
    pub(super) position: Option<u64>,
    /// Where an entry was that has moved, and what of the units is there.
    pub(super) moved: Option<(u64, f64)>,
}

impl IndexUnits {
    /// Where in the index's ranges of keys how many are charged.
    pub(super) fn places(&self) -> impl Iterator<Item = (Option<u64>, f64)> {
        let moved = self.moved.map(|(position, units)| (Some(position), units));
        let rest = self.units - moved.map_or(0.0, |(_, units)| units);
        moved.into_iter().chain([(self.position, rest)])
    }
}

impl Consumed {
    /// Units of the table alone.
    pub fn of_table(units: f64) -> Self {
        Consumed { table: units, indexes: BTreeMap::new() }
    }

    /// Units of a read of an index: its own, and those of base items that were fetched (0 for none).
    pub fn of_index(index: usize, units: f64, table_units: f64) -> Self {
        let units = IndexUnits { units, ..IndexUnits::default() };
        Consumed { table: table_units, indexes: BTreeMap::from([(index, units)]) }
    }

    /// Units of a single write.
    pub fn of_write(written: &Written) -> Self {
        Self::of_table(write_units(written.old_size_bytes, written.new_size_bytes)).with_indexes(written)
    }

    /// The same with what the write cost in indexes.
    pub fn with_indexes(mut self, written: &Written) -> Self {
        for cost in written.index_costs.iter().filter(|cost| cost.units > 0) {
            let index = self.indexes.entry(cost.index).or_default();
            index.moved = index.position.map(|position| (position, index.units));
            index.position = Some(cost.position);
            index.units += cost.units as f64;
        }
        self
    }

    /// Adds what another action on the table consumed.
    pub fn add(&mut self, other: Consumed) {
        self.table += other.table;
        for (index, other) in other.indexes {
            let index = self.indexes.entry(index).or_default();
            *index = IndexUnits { units: index.units + other.units, ..IndexUnits::default() };
        }
    }

    /// All units.
    pub fn total(&self) -> f64 {
        self.table + self.indexes.values().map(|index| index.units).sum::<f64>()
    }

    /// Units of the index at a position of the table's list.
    pub(super) fn units_of_index(&self, index: usize) -> f64 {
        self.indexes.get(&index).map_or(0.0, |index| index.units)
    }

    /// Adds it to the figures of the table, and returns the answer's member, `name` being the table as the request
    /// named it.
    pub fn report(
        &self,
        cx: &Cx<'_, DynamoDb>,
        direction: Direction,
        report: Report,
        name: &str,
        table: &Table,
    ) -> Option<ConsumedCapacity> {
        tally::consumed(cx, direction, self, table);
        self.shape(report, name, table, None)
    }

    /// The same with the member of a transaction's answer.
    pub fn report_of_transaction(
        &self,
        cx: &Cx<'_, DynamoDb>,
        direction: Direction,
        report: Report,
        name: &str,
        table: &Table,
    ) -> Option<ConsumedCapacity> {
        tally::consumed(cx, direction, self, table);
        self.shape(report, name, table, Some(direction))
    }

    fn shape(
        &self,
        report: Report,
        name: &str,
        table: &Table,
        direction: Option<Direction>,
    ) -> Option<ConsumedCapacity> {
        if report == Report::Nothing {
            return None;
        }
        let total = capacity(self.total(), direction);
        let shape = ConsumedCapacity {
            table_name: Some(name.to_owned()),
            capacity_units: total.capacity_units,
            read_capacity_units: total.read_capacity_units,
            write_capacity_units: total.write_capacity_units,
            ..ConsumedCapacity::default()
        };
        if report == Report::Total {
            return Some(shape);
        }
        Some(ConsumedCapacity {
            table: Some(capacity(self.table, direction)),
            local_secondary_indexes: self.indexes_of(IndexKind::Local, table, direction),
            global_secondary_indexes: self.indexes_of(IndexKind::Global, table, direction),
            ..shape
        })
    }

    fn indexes_of(
        &self,
        kind: IndexKind,
        table: &Table,
        direction: Option<Direction>,
    ) -> Option<BTreeMap<String, Capacity>> {
        let charged = self
            .indexes
            .iter()
            .filter_map(|(position, spent)| Some((table.indexes.get(*position)?, spent.units)));
        let of_kind = charged.filter(|(index, _)| index.kind == kind);
        let shapes: BTreeMap<_, _> =
            of_kind.map(|(index, units)| (index.name.clone(), capacity(units, direction))).collect();
        (!shapes.is_empty()).then_some(shapes)
    }
}

fn capacity(units: f64, direction: Option<Direction>) -> Capacity {
    let given = |wanted| (direction == Some(wanted)).then_some(units);
    Capacity {
        read_capacity_units: given(Direction::Read),
        write_capacity_units: given(Direction::Write),
        capacity_units: Some(units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::IndexCost;

    #[test]
    fn a_moved_entry_is_charged_where_it_was_and_where_it_is() {
        let cost = |index, position, units| IndexCost { index, position, units };
        let index_costs = vec![cost(0, 7, 1), cost(2, 7, 3), cost(2, 9, 2)];
        let mut consumed = Consumed::of_write(&Written { index_costs, ..Written::default() });
        let places = |consumed: &Consumed, index| consumed.indexes[&index].places().collect::<Vec<_>>();
        assert_eq!(places(&consumed, 0), [(Some(7), 1.0)]);
        assert_eq!(places(&consumed, 2), [(Some(7), 3.0), (Some(9), 2.0)]);
        assert_eq!((consumed.units_of_index(2), consumed.total()), (5.0, 7.0));
        consumed.add(consumed.clone());
        assert_eq!(places(&consumed, 2), [(None, 10.0)]);
    }
}
