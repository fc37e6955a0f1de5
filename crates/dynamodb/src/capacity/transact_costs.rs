//! What the actions of a transaction cost, table by table in the order tables first appear.

use crate::capacity::{Admission, Consumed, Direction, Report};
use crate::service::DynamoDb;
use engine::meter::{transact_read_units, transact_write_units};
use engine::{Table, Written};
use model::dynamodb::ConsumedCapacity;
use pipeline::Cx;
use std::sync::Arc;

/// The costs as they are added up.
#[derive(Debug)]
pub struct TransactCosts<'a> {
    direction: Direction,
    tables: Vec<TableCost<'a>>,
}

#[derive(Debug)]
struct TableCost<'a> {
    /// As the first action on it names it.
    name: &'a str,
    table: &'a Arc<Table>,
    consumed: Consumed,
}

impl<'a> TransactCosts<'a> {
    fn new(direction: Direction) -> Self {
        TransactCosts { direction, tables: Vec::new() }
    }

    /// What reads cost, settled: of each its table as the request names it, and the size of what was found.
    pub fn of_reads(
        cx: &Cx<'_, DynamoDb>,
        reads: impl Iterator<Item = (&'a str, &'a Arc<Table>, &'a Admission<'a>, usize)>,
    ) -> Self {
        let mut costs = TransactCosts::new(Direction::Read);
        for (name, table, admission, size_bytes) in reads {
            cx.tally.item_bytes(table.id, size_bytes);
            let consumed = Consumed::of_table(transact_read_units(size_bytes));
            admission.settle(cx, &consumed);
            costs.add(name, table, consumed);
        }
        costs
    }

    /// What writes cost, settled. A replay is priced as reading what was written then, which takes nothing out of the
    /// capacity for writes. The factor of transactions is on the table's part only.
    pub fn of_writes(
        cx: &Cx<'_, DynamoDb>,
        is_replay: bool,
        writes: impl Iterator<Item = (&'a str, &'a Arc<Table>, &'a Admission<'a>, &'a Written)>,
    ) -> Self {
        let mut costs = TransactCosts::new(if is_replay { Direction::Read } else { Direction::Write });
        for (name, table, admission, written) in writes {
            let (old, new) = (written.old_size_bytes, written.new_size_bytes);
            cx.tally.item_bytes(table.id, old.max(new));
            let consumed = match is_replay {
                true => Consumed::of_table(transact_read_units(old.max(new))),
                false => Consumed::of_table(transact_write_units(old, new)).with_indexes(written),
            };
            match is_replay {
                true => admission.settle(cx, &Consumed::default()),
                false => admission.settle(cx, &consumed),
            }
            costs.add(name, table, consumed);
        }
        costs
    }

    /// Adds what an action cost.
    fn add(&mut self, name: &'a str, table: &'a Arc<Table>, consumed: Consumed) {
        match self.tables.iter_mut().find(|cost| cost.table.id == table.id) {
            Some(cost) => cost.consumed.add(consumed),
            None => self.tables.push(TableCost { name, table, consumed }),
        }
    }

    /// Adds them to the figures of the tables, and makes the answer's list.
    pub fn report(&self, cx: &Cx<'_, DynamoDb>, report: Report) -> Option<Vec<ConsumedCapacity>> {
        let one = |cost: &TableCost<'_>| {
            cost.consumed.report_of_transaction(cx, self.direction, report, cost.name, cost.table)
        };
        let all = self.tables.iter().filter_map(one).collect();
        (report != Report::Nothing).then_some(all)
    }
}
