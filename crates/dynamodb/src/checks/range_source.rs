//! What Query and Scan read: a table or one of its indexes, and how consistently.

use crate::capacity::Consumed;
use crate::errors;
use engine::meter::{Consistency, fetch_units, read_units};
use engine::table::IndexStatus;
use engine::{Index, IndexKind, KeyAttribute, KeySchema, Page, Table};
use model::ApiError;

/// A table or one of its indexes.
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    /// The table.
    pub table: &'t Table,
    index: Option<(usize, &'t Index)>,
    consistency: Consistency,
}

impl<'t> Source<'t> {
    /// Refuses, in this order: an index that does not exist, a consistent read of a global one, an index that is
    /// not complete.
    pub fn of(
        table: &'t Table,
        index: Option<&str>,
        consistent_read: Option<bool>,
    ) -> Result<Source<'t>, ApiError> {
        let found = index
            .and_then(|name| table.index(name))
            .filter(|(_, index)| index.status != IndexStatus::Deleting);
        if let Some(name) = index.filter(|_| found.is_none()) {
            return Err(errors::index_not_found(name));
        }
        let consistency =
            if consistent_read == Some(true) { Consistency::Strong } else { Consistency::Eventual };
        match found {
            Some((_, index)) if consistency == Consistency::Strong && index.kind == IndexKind::Global => {
                Err(ApiError::validation(errors::CONSISTENT_READ_OF_GLOBAL_INDEX))
            }
            Some((_, index)) if index.status == IndexStatus::Backfilling => {
                Err(errors::index_not_ready(&index.name))
            }
            _ => Ok(Source { table, index: found, consistency }),
        }
    }

    /// How new the page must be.
    pub fn consistency(&self) -> Consistency {
        self.consistency
    }

    /// The index, if one is read.
    pub fn index(&self) -> Option<&'t Index> {
        self.index.map(|(_, index)| index)
    }

    /// The index, if it is a global one.
    pub fn global_index(&self) -> Option<&'t Index> {
        self.index().filter(|index| index.kind == IndexKind::Global)
    }

    /// The key of what is read.
    pub fn key(&self) -> &'t KeySchema {
        self.index().map_or(&self.table.key, |index| &index.key)
    }

    /// The attributes of a start key: those of the table's key, then those only the index's key has.
    pub fn start_key_attributes(&self) -> impl Iterator<Item = &'t KeyAttribute> {
        let Source { table, .. } = *self;
        let own = self.index().into_iter().flat_map(|index| index.key.attributes());
        table.key.attributes().chain(own.filter(|attribute| !table.key.contains(&attribute.name)))
    }

    /// What a page cost.
    pub fn consumed(&self, page: &Page) -> Consumed {
        let units = read_units(page.evaluated_bytes, self.consistency);
        match self.index {
            None => Consumed::of_table(units),
            Some((index, _)) => {
                Consumed::of_index(index, units, fetch_units(&page.fetched_bytes, self.consistency))
            }
        }
    }
}
