//! From the syntax tree to the resolved condition, node by node: children precede their parents, so each parent
//! finds its children resolved.

use crate::condition::{Condition, Operand};
use crate::error::Fault;
use crate::parameters::{Parameters, Usage};
use crate::path::Path;
use crate::syntax::{self, Node, NodeId, Tree};
use types::{Type, ValueRef};

/// Resolves the tree; its last node is the whole condition.
pub(super) fn resolve(
    tree: &Tree<'_>,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<Condition, Fault> {
    let mut resolver = Resolver { parameters, usage, resolved: Vec::new() };
    for node in tree.iter() {
        let resolved = resolver.node(node)?;
        resolver.resolved.push(Some(resolved));
    }
    match resolver.resolved.pop() {
        Some(Some(Resolved::Condition(condition))) => Ok(condition),
        Some(Some(Resolved::Call(name, operands))) => condition_call(name, operands),
        _ => unreachable!("the parser ends with a condition"),
    }
}

/// A node of the tree after its children.
enum Resolved<'a> {
    Condition(Condition),
    Operand(Operand),
    /// A function, which its parent takes for an operand or for a condition.
    Call(&'a str, Vec<Operand>),
}

struct Resolver<'t, 'a, 'p> {
    parameters: &'t Parameters<'p>,
    usage: &'t mut Usage,
    /// The resolved form of each node, until its parent takes it.
    resolved: Vec<Option<Resolved<'a>>>,
}

impl<'a> Resolver<'_, 'a, '_> {
    fn node(&mut self, node: &Node<'a>) -> Result<Resolved<'a>, Fault> {
        match node {
            Node::Path(path) => {
                path.resolve(self.parameters, self.usage).map(|path| Resolved::Operand(Operand::Path(path)))
            }
            Node::Value(name) => {
                let value = syntax::resolve_value(name, self.parameters, self.usage)?;
                Ok(Resolved::Operand(Operand::Value(value)))
            }
            Node::Call { name, arguments } => Ok(Resolved::Call(name, self.operands(arguments)?)),
            _ => self.condition_of(node).map(Resolved::Condition),
        }
    }

    fn condition_of(&mut self, node: &Node<'a>) -> Result<Condition, Fault> {
        Ok(match node {
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
            _ => unreachable!("the condition grammar has no other nodes"),
        })
    }

    fn take(&mut self, id: NodeId) -> Resolved<'a> {
        self.resolved[id.index()].take().expect("a node has one parent, which comes after it")
    }

    fn conditions(&mut self, ids: &[NodeId]) -> Result<Vec<Condition>, Fault> {
        ids.iter().map(|id| self.condition(*id)).collect()
    }

    fn condition(&mut self, id: NodeId) -> Result<Condition, Fault> {
        match self.take(id) {
            Resolved::Condition(condition) => Ok(condition),
            Resolved::Call(name, operands) => condition_call(name, operands),
            Resolved::Operand(_) => unreachable!("the parser puts only conditions here"),
        }
    }

    fn operands(&mut self, ids: &[NodeId]) -> Result<Vec<Operand>, Fault> {
        ids.iter().map(|id| self.operand(*id)).collect()
    }

    fn operand(&mut self, id: NodeId) -> Result<Operand, Fault> {
        match self.take(id) {
            Resolved::Operand(operand) => Ok(operand),
            Resolved::Call(name, operands) => operand_call(name, operands),
            Resolved::Condition(_) => unreachable!("the parser puts only operands here"),
        }
    }
}

fn operand_call(name: &str, mut operands: Vec<Operand>) -> Result<Operand, Fault> {
    match (operands.pop(), operands.len()) {
        (Some(only), 0) => Ok(Operand::Size(Box::new(only))),
        (_, others) => Err(Fault::operand_count(name, others + 1)),
    }
}

fn condition_call(name: &str, operands: Vec<Operand>) -> Result<Condition, Fault> {
    let count = operands.len();
    let mut operands = operands.into_iter();
    match (name, operands.next(), operands.next()) {
        ("attribute_exists", Some(path), None) => Ok(Condition::Exists(path_of(name, path)?)),
        ("attribute_not_exists", Some(path), None) => Ok(Condition::NotExists(path_of(name, path)?)),
        ("attribute_type", Some(subject), Some(of_type)) if count == 2 => {
            Ok(Condition::HasType(subject, type_of(&of_type)?))
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
