//! Query: one partition of a table or index.

use super::bounds::Bounds;
use super::cursor::Cursor;
use super::page::Walk;
use super::start_key;
use super::{Attributes, Page};
use crate::engine::Engine;
use crate::error::ReadError;
use crate::table::{Index, Table};
use expr::{BoundKeyCondition, Condition};
use store::{Consistency, Direction};
use types::Item;

/// A page of one partition.
#[derive(Debug, Clone, Copy)]
pub struct QueryRequest<'a> {
    /// The table.
    pub table: &'a Table,
    /// One of its indexes, or the table itself.
    pub index: Option<&'a Index>,
    /// Which items, in terms of the key of what is read.
    pub key: &'a BoundKeyCondition,
    /// In which order.
    pub direction: Direction,
    /// Continues after this key (the keys of table and index).
    pub exclusive_start_key: Option<&'a Item>,
    /// Items to evaluate at most.
    pub limit: Option<usize>,
    /// Which items are taken in.
    pub filter: Option<&'a Condition>,
    /// What of them is returned.
    pub attributes: Attributes<'a>,
    /// Whether the page may be a moment old.
    pub consistency: Consistency,
    /// Filter and attributes need more than the index holds: fetch the base items.
    pub fetch: bool,
}

impl Engine {
    /// Reads a page of a partition.
    pub async fn query(&self, request: &QueryRequest<'_>) -> Result<Page, ReadError> {
        let QueryRequest { table, index, key, limit, filter, attributes, consistency, .. } = *request;
        let start = request.exclusive_start_key;
        let done = start.map(|start| start_key::of_query(table, index, key, start)).transpose()?;
        let walk = Walk { table, index, hash: Some(&key.hash), limit, filter, attributes, consistency };
        let mut cursor = Cursor::new(Bounds::of_query(table, index, key), request.direction, done);
        match request.fetch && index.is_some() {
            true => self.fetch_page(&walk, &mut cursor).await,
            false => self.read_page(&walk, &cursor).await,
        }
    }
}
