//! Applying an update: every action becomes an edit (what its path will hold, computed from the old item),
//! then all edits are written at once.

use crate::error::UpdateError;
use crate::path::Path;
use crate::projection;
use crate::update::{Action, Change, Origin, Update, rewrite, set, term};
use std::borrow::Cow;
use stdx::limits::ITEM_SIZE_BYTES_MAX;
use types::{Item, MapRef, Type, ValueRef};

/// Bytes of values an update may make. Encoded values are at most 14 times as long as their DynamoDB size,
/// so what is longer cannot fit an item; this keeps the work of a hostile update within bounds, while the
/// size of the finished item is the caller's to judge.
pub(super) const MADE_BYTES_MAX: usize = 16 * ITEM_SIZE_BYTES_MAX;

/// An encoded value, borrowed from the item or the request where possible.
pub(super) type Encoded<'v> = Cow<'v, [u8]>;

/// The outcome of an update.
#[derive(Debug)]
pub struct Updated<'v> {
    /// The new item.
    pub item: Item,
    old: MapRef<'v>,
    edits: Vec<Edit<'v>>,
}

impl Updated<'_> {
    /// The touched paths as they were, `None` where there was nothing.
    pub fn updated_old(&self) -> Option<Item> {
        Some(projection::project(self.old, &self.edits)).filter(|item| !item.as_ref().is_empty())
    }

    /// The touched paths read from the new item: an appended element only if its index is that of its path, and
    /// in place of an element removed from a list the one that moved to its index. `None` where nothing is
    /// there.
    pub fn updated_new(&self) -> Option<Item> {
        Some(projection::project(self.item.as_ref(), &self.edits)).filter(|item| !item.as_ref().is_empty())
    }
}

/// The edit of one path.
#[derive(Debug)]
pub(super) struct Edit<'v> {
    pub(super) path: &'v Path,
    pub(super) outcome: Outcome<'v>,
}

#[derive(Debug)]
pub(super) enum Outcome<'v> {
    Put(Encoded<'v>),
    Remove,
    /// No value is there and none is written; the path must still be valid.
    Nothing,
}

impl AsRef<Path> for Edit<'_> {
    fn as_ref(&self) -> &Path {
        self.path
    }
}

impl Update {
    /// The item after the update. `old` is the item as it is; where there is none, the item of the key alone.
    /// Type mismatches of ADD and DELETE are reported first, then what SET reads, then invalid paths.
    pub fn apply<'v>(&'v self, old: MapRef<'v>) -> Result<Updated<'v>, UpdateError> {
        let edits = self.edits(old)?;
        let item = rewrite::rewrite(old, &edits)?;
        Ok(Updated { item, old, edits })
    }

    /// The edits, sorted by path.
    fn edits<'v>(&'v self, old: MapRef<'v>) -> Result<Vec<Edit<'v>>, UpdateError> {
        let changes_in_place = |action: &&Action| matches!(action.change, Change::Add(_) | Change::Delete(_));
        let mut edits = Vec::with_capacity(self.actions.len());
        for action in self.actions.iter().filter(changes_in_place) {
            edits.push(self.edit(action, old)?);
        }
        for action in self.actions.iter().filter(|action| !changes_in_place(action)) {
            edits.push(self.edit(action, old)?);
        }
        check_size(&edits)?;
        edits.sort_by_key(|edit| edit.path);
        Ok(edits)
    }

    fn edit<'v>(&'v self, action: &'v Action, old: MapRef<'v>) -> Result<Edit<'v>, UpdateError> {
        let current = || action.path.find_bytes(old);
        let outcome = match &action.change {
            Change::Set(term) => Outcome::Put(term::evaluate(term, old)?),
            Change::Remove => Outcome::Remove,
            Change::Add(operand) => Outcome::Put(self.add(current(), operand.as_bytes())?),
            Change::Delete(operand) => self.delete(current(), operand.as_ref())?,
        };
        Ok(Edit { path: &action.path, outcome })
    }

    fn misfit(&self) -> UpdateError {
        match self.origin {
            Origin::Expression => UpdateError::IncorrectDataType,
            Origin::AttributeUpdates => UpdateError::TypeMismatch,
        }
    }

    fn add<'v>(&self, current: Option<&'v [u8]>, operand: &'v [u8]) -> Result<Encoded<'v>, UpdateError> {
        let operand_ref = ValueRef::read(operand);
        if !self.can_add(operand_ref.kind()) {
            return Err(self.misfit());
        }
        let Some(current) = current else { return Ok(Cow::Borrowed(operand)) };
        match (ValueRef::read(current), operand_ref) {
            (ValueRef::N(a), ValueRef::N(b)) => term::encoded(a.add(&b)),
            (ValueRef::L(a), ValueRef::L(b)) => term::append(a, b),
            (a, b) => {
                let (kind, a, b) = set::pair(a, b).ok_or_else(|| self.misfit())?;
                Ok(Cow::Owned(set::encoded(kind, &set::union(a, b))))
            }
        }
    }

    fn can_add(&self, kind: Type) -> bool {
        match kind {
            Type::N | Type::SS | Type::NS | Type::BS => true,
            Type::L => self.origin == Origin::AttributeUpdates,
            _ => false,
        }
    }

    fn delete<'v>(
        &self,
        current: Option<&'v [u8]>,
        operand: ValueRef<'v>,
    ) -> Result<Outcome<'v>, UpdateError> {
        if !matches!(operand.kind(), Type::SS | Type::NS | Type::BS) {
            return Err(self.misfit());
        }
        let Some(current) = current else { return Ok(Outcome::Nothing) };
        let (kind, current, operand) =
            set::pair(ValueRef::read(current), operand).ok_or_else(|| self.misfit())?;
        let left = set::difference(current, operand);
        Ok(if left.is_empty() {
            Outcome::Remove
        } else {
            Outcome::Put(Cow::Owned(set::encoded(kind, &left)))
        })
    }
}

fn check_size(edits: &[Edit<'_>]) -> Result<(), UpdateError> {
    let made = edits.iter().map(|edit| match &edit.outcome {
        Outcome::Put(encoded) => encoded.len(),
        Outcome::Remove | Outcome::Nothing => 0,
    });
    if made.sum::<usize>() > MADE_BYTES_MAX { Err(UpdateError::TooLarge) } else { Ok(()) }
}
