//! What the request of an update costs by DynamoDB's own tally, which has a limit of its own beside the
//! size of the finished item.

use crate::path::{Element, Path};
use crate::update::{Action, Change, Term, Update};

const STATEMENT: usize = 3;
const SET_OR_ADD: usize = 19;
const REMOVE_OR_DELETE: usize = 1;

impl Update {
    /// The tally: 3 and every clause. Aliases count as the names behind them, a value that is set or added each
    /// time it is used; what is deleted, parentheses and the condition nothing.
    pub fn request_cost(&self) -> usize {
        STATEMENT + self.actions.iter().map(action).sum::<usize>()
    }
}

fn action(action: &Action) -> usize {
    let target = target(&action.path);
    match &action.change {
        Change::Set(value) => SET_OR_ADD + target + term(value),
        Change::Add(value) => SET_OR_ADD + target + value.as_ref().size_bytes(),
        Change::Remove | Change::Delete(_) => REMOVE_OR_DELETE + target,
    }
}

fn target(path: &Path) -> usize {
    let elements = path.elements();
    elements.iter().map(bytes).sum::<usize>() + 4 * (elements.len() - 1)
}

fn operand(path: &Path) -> usize {
    1 + path.elements().iter().map(|element| 14 + bytes(element)).sum::<usize>()
}

fn bytes(element: &Element) -> usize {
    match element {
        Element::Name(name) => name.len(),
        Element::Index(index) => index.checked_ilog10().unwrap_or(0) as usize + 1,
    }
}

fn term(value: &Term) -> usize {
    match value {
        Term::Path(path) => operand(path),
        Term::Value(value) => value.as_ref().size_bytes(),
        Term::IfNotExists(path, other) => 39 + operand(path) + term(other),
        Term::ListAppend(first, second) => 37 + term(first) + term(second),
        Term::Sum(left, right) => 34 + term(left) + term(right),
        Term::Difference(left, right) => 37 + term(left) + term(right),
    }
}
