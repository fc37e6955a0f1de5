//! Scan: everything of a table or index, or one segment of it.

use super::bounds::Bounds;
use super::cursor::Cursor;
use super::page::Walk;
use super::start_key;
use super::{Attributes, Page};
use crate::engine::Engine;
use crate::error::ReadError;
use crate::table::{Index, Table};
use expr::Condition;
use store::{Consistency, Direction};
use types::Item;

/// A page of everything.
#[derive(Debug, Clone, Copy)]
pub struct ScanRequest<'a> {
    /// The table.
    pub table: &'a Table,
    /// One of its indexes, or the table itself.
    pub index: Option<&'a Index>,
    /// One part of a parallel scan.
    pub segment: Option<Segment>,
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

/// One of `total` parts, from 0. The caller has checked `number < total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Which part.
    pub number: u32,
    /// Of how many.
    pub total: u32,
}

impl Engine {
    /// Reads a page of everything.
    pub async fn scan(&self, request: &ScanRequest<'_>) -> Result<Page, ReadError> {
        let ScanRequest { table, index, limit, filter, attributes, consistency, .. } = *request;
        let bounds = Bounds::of_scan(table, index, request.segment);
        let start = request.exclusive_start_key;
        let done = start.map(|start| start_key::of_scan(table, index, &bounds, start)).transpose()?;
        let walk = Walk { table, index, hash: None, limit, filter, attributes, consistency };
        let mut cursor = Cursor::new(bounds, Direction::Forward, done);
        match request.fetch && index.is_some() {
            true => self.fetch_page(&walk, &mut cursor).await,
            false => self.read_page(&walk, &cursor).await,
        }
    }
}
