//! What the actions of a transaction cost, table by table in the order tables first appear.

use crate::capacity::{Consumed, Direction, Report};
use crate::service::DynamoDb;
use engine::Table;
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
    /// None yet.
    pub fn new(direction: Direction) -> Self {
        TransactCosts { direction, tables: Vec::new() }
    }

    /// Adds what an action cost.
    pub fn add(&mut self, name: &'a str, table: &'a Arc<Table>, consumed: Consumed) {
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
