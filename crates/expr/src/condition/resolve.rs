//! From the syntax tree to the resolved condition. Recursion is bounded: the tree has passed the operator
//! limit.

use crate::condition::{Condition, Operand};
use crate::error::Fault;
use crate::parameters::{Parameters, Usage};
use crate::path::Path;
use crate::syntax::{self, Node, NodeId, Tree};
use types::{Type, ValueRef};

pub(super) fn resolve(
    tree: &Tree<'_>,
    root: NodeId,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<Condition, Fault> {
    Resolver { tree, parameters, usage }.condition(root)
}

struct Resolver<'t, 'a, 'p> {
    tree: &'t Tree<'a>,
    parameters: &'t Parameters<'p>,
    usage: &'t mut Usage,
}

impl Resolver<'_, '_, '_> {
    fn condition(&mut self, id: NodeId) -> Result<Condition, Fault> {
        let tree = self.tree;
        Ok(match tree.node(id) {
            Node::And(all) => Condition::And(self.conditions(all)?),
            Node::Or(all) => Condition::Or(self.conditions(all)?),
            Node::Not(inner) => Condition::Not(Box::new(self.condition(*inner)?)),
            Node::Compare { comparator, left, right } => Condition::Compare {
                comparator: *comparator,
                left: self.operand(*left)?,
                right: self.operand(*right)?,
            },
            Node::Between { subject, low, high } => Condition::Between {
                subject: self.operand(*subject)?,
                low: self.operand(*low)?,
                high: self.operand(*high)?,
            },
            Node::In { subject, candidates } => {
                Condition::In { subject: self.operand(*subject)?, candidates: self.operands(candidates)? }
            }
            Node::Call { name, arguments } => self.call(name, arguments)?,
            Node::Path(_) | Node::Value(_) | Node::Sum { .. } | Node::Difference { .. } => {
                unreachable!("the parser puts only conditions here")
            }
        })
    }

    fn conditions(&mut self, ids: &[NodeId]) -> Result<Vec<Condition>, Fault> {
        ids.iter().map(|id| self.condition(*id)).collect()
    }

    fn operands(&mut self, ids: &[NodeId]) -> Result<Vec<Operand>, Fault> {
        ids.iter().map(|id| self.operand(*id)).collect()
    }

    /// Resolves the arguments before anything is said of them: what is undefined is reported first.
    fn call(&mut self, name: &str, arguments: &[NodeId]) -> Result<Condition, Fault> {
        let mut operands = self.operands(arguments)?.into_iter();
        let count = operands.len();
        let (first, second) = (operands.next(), operands.next());
        match (name, first, second) {
            ("attribute_exists", Some(path), None) => Ok(Condition::Exists(path_of(name, path)?)),
            ("attribute_not_exists", Some(path), None) => Ok(Condition::NotExists(path_of(name, path)?)),
            ("attribute_type", Some(path), Some(of_type)) if count == 2 => {
                let of_type = type_of(&of_type)?;
                Ok(Condition::HasType(path_of(name, path)?, of_type))
            }
            ("begins_with", Some(subject), Some(prefix)) if count == 2 => {
                Ok(Condition::BeginsWith { subject, prefix })
            }
            ("contains", Some(container), Some(member)) if count == 2 => {
                Ok(Condition::Contains { container, member })
            }
            _ => Err(Fault::operand_count(name, count)),
        }
    }

    fn operand(&mut self, id: NodeId) -> Result<Operand, Fault> {
        let tree = self.tree;
        match tree.node(id) {
            Node::Path(path) => path.resolve(self.parameters, self.usage).map(Operand::Path),
            Node::Value(name) => syntax::resolve_value(name, self.parameters, self.usage).map(Operand::Value),
            Node::Call { name, arguments } => {
                let mut operands = self.operands(arguments)?;
                match operands.pop() {
                    Some(only) if operands.is_empty() => Ok(Operand::Size(Box::new(only))),
                    _ => Err(Fault::operand_count(*name, arguments.len())),
                }
            }
            _ => unreachable!("the parser puts only operands here"),
        }
    }
}

fn path_of(function: &str, operand: Operand) -> Result<Path, Fault> {
    match operand {
        Operand::Path(path) => Ok(path),
        _ => Err(Fault::PathRequired(function.to_owned())),
    }
}

/// The type a literal names; [`super::statics`] words it the same way.
fn type_of(operand: &Operand) -> Result<Type, Fault> {
    match operand {
        Operand::Value(value) => match value.as_ref() {
            ValueRef::S(tag) => Type::from_tag(tag).ok_or_else(|| Fault::UnknownType(tag.to_owned())),
            other => Err(Fault::operand_type("attribute_type", other.kind().tag())),
        },
        Operand::Size(_) => Err(Fault::operand_type("attribute_type", Type::N.tag())),
        Operand::Path(_) => Err(Fault::operand_type("attribute_type", super::statics::ANY_TYPE)),
    }
}
