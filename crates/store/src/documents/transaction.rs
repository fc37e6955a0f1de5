//! What a change sees of the documents it was given the keys of, and what it makes of them.

use crate::contract::{Decision, OldRows, Plan, RecordWrite, RowWrite};
use crate::records::{self, RecordError, RecordKey, parse};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The documents of some keys, by the index of the key.
pub struct Transaction<'a> {
    keys: &'a [RecordKey],
    rows: &'a [Vec<u8>],
    old: &'a OldRows<'a>,
    format: u32,
    new: Vec<Option<Write>>,
    /// What could not be read or written first: then nothing is changed, whatever is decided.
    fault: Option<RecordError>,
}

#[derive(Clone)]
enum Write {
    Put(Vec<u8>),
    Delete,
}

impl<'a> Transaction<'a> {
    pub(super) fn of(keys: &'a [RecordKey], rows: &'a [Vec<u8>], old: &'a OldRows<'a>, format: u32) -> Self {
        Transaction { keys, rows, old, format, new: vec![None; keys.len()], fault: None }
    }

    /// A document as it is before the change; `None` if there is none. One that cannot be read also reads as `None`,
    /// and ends the change with its fault.
    pub fn get<T: DeserializeOwned>(&mut self, index: usize) -> Option<T> {
        let row = self.old.get(index)?;
        match parse(&self.keys[index], self.format, row) {
            Ok(document) => Some(document),
            Err(error) => {
                self.fault.get_or_insert(error);
                None
            }
        }
    }

    /// Whether there is a document.
    pub fn is_there(&self, index: usize) -> bool {
        self.old.get(index).is_some()
    }

    /// Makes a document this one.
    pub fn put<T: Serialize>(&mut self, index: usize, document: &T) {
        match records::write(&self.keys[index], self.format, document) {
            Ok(write) => self.new[index] = write.document.map(Write::Put),
            Err(error) => _ = self.fault.get_or_insert(error),
        }
    }

    /// Deletes a document.
    pub fn delete(&mut self, index: usize) {
        self.new[index] = Some(Write::Delete);
    }

    /// What is committed where the change was accepted, or what could not be read or written.
    pub(super) fn decision(
        self,
        is_accepted: bool,
        lease: Option<RowWrite>,
    ) -> Result<Decision, RecordError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if !is_accepted {
            return Ok(Decision::Refuse);
        }
        let mut plan = Plan::default();
        for (at, write) in self.new.into_iter().enumerate() {
            let Some(write) = write else { continue };
            let (key, row) = (self.rows[at].clone(), write.row());
            if row.is_none() && self.old.get(at).is_none() {
                continue;
            }
            plan.records.push(RecordWrite { key: key.clone(), document: None });
            plan.rows.push(RowWrite { key, row });
        }
        let changes = !plan.rows.is_empty() || lease.is_some();
        plan.rows.extend(lease);
        Ok(if changes { Decision::Commit(plan) } else { Decision::Refuse })
    }
}

impl Write {
    fn row(self) -> Option<Vec<u8>> {
        match self {
            Write::Put(row) => Some(row),
            Write::Delete => None,
        }
    }
}
