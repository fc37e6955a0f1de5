//! Ranges of rows and of documents, page by page.

use crate::pages::Lot;
use crate::postgres_store::Core;
use crate::sql::Sql;
use std::ops::Bound;
use store::memory::after_prefix;
use store::{Consistency, Direction, RangeRead, StoreError, Visit, VisitEntry};

/// From the first key on, up to the last one without it; up to the end where there is none.
struct Between {
    start: Vec<u8>,
    end: Option<Vec<u8>>,
}

/// The statements that read between two keys, and from one to the end; and of whom.
struct Statements {
    between: Sql,
    to_the_end: Sql,
    consistency: Consistency,
}

/// The least key above `key`.
fn above(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

impl Between {
    fn of(read: &RangeRead<'_>) -> Between {
        let start = match read.range.start {
            Bound::Included(key) => key.to_vec(),
            Bound::Excluded(key) => above(key),
            Bound::Unbounded => Vec::new(),
        };
        let end = match read.range.end {
            Bound::Included(key) => Some(above(key)),
            Bound::Excluded(key) => Some(key.to_vec()),
            Bound::Unbounded => None,
        };
        Between { start, end }
    }

    /// What is left behind a key.
    fn go_on(&mut self, direction: Direction, last: &[u8]) {
        match direction {
            Direction::Forward => self.start = above(last),
            Direction::Reverse => self.end = Some(last.to_vec()),
        }
    }
}

impl Core {
    pub(crate) async fn range(
        &self,
        read: RangeRead<'_>,
        visit: &mut VisitEntry<'_>,
    ) -> Result<(), StoreError> {
        let consistency = read.consistency;
        let (between, to_the_end) = match read.direction {
            Direction::Forward => (Sql::Forward, Sql::ForwardToTheEnd),
            Direction::Reverse => (Sql::Reverse, Sql::ReverseFromTheEnd),
        };
        let statements = Statements { between, to_the_end, consistency };
        self.pages(statements, Between::of(&read), read.direction, read.rows_expected, visit).await
    }

    pub(crate) async fn documents(
        &self,
        prefix: &[u8],
        visit: &mut VisitEntry<'_>,
    ) -> Result<(), StoreError> {
        let statements = Statements {
            between: Sql::Documents,
            to_the_end: Sql::DocumentsToTheEnd,
            consistency: Consistency::Strong,
        };
        let between = Between { start: prefix.to_vec(), end: after_prefix(prefix) };
        self.pages(statements, between, Direction::Forward, usize::MAX, visit).await
    }

    async fn pages(
        &self,
        statements: Statements,
        mut between: Between,
        direction: Direction,
        expected: usize,
        visit: &mut VisitEntry<'_>,
    ) -> Result<(), StoreError> {
        let Statements { between: up_to, to_the_end, consistency } = statements;
        let mut lot = Lot::of(expected);
        loop {
            let limit = lot.rows();
            let asked = limit as i64;
            let rows = match &between.end {
                Some(end) => self.rows_as(consistency, up_to, &[&between.start, end, &asked]).await?,
                None => self.rows_as(consistency, to_the_end, &[&between.start, &asked]).await?,
            };
            for row in &rows {
                let (key, value): (&[u8], &[u8]) = (row.get(0), row.get(1));
                lot.count(key.len() + value.len());
                if visit(key, value) == Visit::Stop {
                    return Ok(());
                }
            }
            match rows.last().filter(|_| rows.len() == limit) {
                Some(last) => between.go_on(direction, last.get(0)),
                None => return Ok(()),
            }
        }
    }
}
