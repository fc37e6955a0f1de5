//! Faults of an action against its table's schema, independent of items.

use crate::checks::key_paths;
use crate::errors::{self, KeyUse};
use engine::{Action, IndexKeyFault, IndexKeyProblem, KeyFault, Table, Write};
use expr::KeyUseError;

/// Why an action cannot be done in its table, whatever the items are.
#[derive(Debug)]
pub(super) enum SchemaFault {
    Key(KeyFault, KeyUse),
    IndexKey(IndexKeyFault),
    KeyUse(KeyUseError),
}

impl SchemaFault {
    /// What an action that has a key of its table may still not fit.
    pub(super) fn of(table: &Table, write: &Write) -> Option<SchemaFault> {
        let index_key = write.check_index_keys(table).err().map(SchemaFault::IndexKey);
        index_key.or_else(|| match write.action() {
            Action::Update { update: Some(update), .. } => {
                key_paths::check_update(table, update).err().map(SchemaFault::KeyUse)
            }
            _ => None,
        })
    }

    pub(super) fn is_empty_key(&self) -> bool {
        match self {
            SchemaFault::Key(fault, _) => matches!(fault, KeyFault::Empty { .. }),
            SchemaFault::IndexKey(fault) => matches!(fault.problem, IndexKeyProblem::Empty { .. }),
            SchemaFault::KeyUse(_) => false,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            SchemaFault::Key(fault, used) => errors::key_text(fault, *used),
            SchemaFault::IndexKey(fault) => errors::index_key_text(fault),
            SchemaFault::KeyUse(fault) => fault.to_string(),
        }
    }
}
