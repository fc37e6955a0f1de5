//! Checks of a condition's operands that need no item: their number, whether they are distinct,
//! and the types of literals. Judged sub-condition by sub-condition.

use crate::condition::{Comparator, evaluate};
use crate::error::Fault;
use crate::parameters::{Parameters, Usage};
use crate::syntax::{self, Node, NodeId, Tree};
use std::cmp::Ordering;
use types::{Type, ValueRef};

/// How the text names the type of an operand that could have any.
pub(crate) const ANY_TYPE: &str = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}";

pub(super) fn check(tree: &Tree<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    let statics = Statics { tree, parameters };
    tree.iter().try_for_each(|node| statics.check(node))
}

pub(super) fn check_with_references(
    tree: &Tree<'_>,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<(), Fault> {
    let statics = Statics { tree, parameters };
    tree.iter().try_for_each(|node| {
        syntax::check_references(node, parameters, usage)?;
        statics.check(node)
    })
}

struct Statics<'t, 'a, 'p> {
    tree: &'t Tree<'a>,
    parameters: &'t Parameters<'p>,
}

impl<'a> Statics<'_, 'a, '_> {
    /// Operands, and `size` among them, come before the sub-condition that contains them, in the tree as in the
    /// order of judging.
    fn check(&self, node: &Node<'a>) -> Result<(), Fault> {
        self.count(node)?;
        self.distinct(node)?;
        self.types(node)
    }

    fn count(&self, node: &Node<'a>) -> Result<(), Fault> {
        let Node::Call { name, arguments } = node else { return Ok(()) };
        let wanted = match *name {
            "attribute_exists" | "attribute_not_exists" | "size" => 1,
            _ => 2,
        };
        if arguments.len() == wanted { Ok(()) } else { Err(Fault::operand_count(*name, arguments.len())) }
    }

    /// A comparison, or a function of two operands, needs two different paths.
    fn distinct(&self, node: &Node<'a>) -> Result<(), Fault> {
        let (operator, first, second) = match node {
            Node::Compare { comparator, left, right } => (comparator.symbol(), *left, *right),
            Node::Call { name, arguments } if arguments.len() == 2 => (*name, arguments[0], arguments[1]),
            _ => return Ok(()),
        };
        let paths = self.tree.path(first).zip(self.tree.path(second));
        let expanded =
            paths.and_then(|(a, b)| Some((a.expand(self.parameters)?, b.expand(self.parameters)?)));
        match expanded {
            Some((path, other)) if path == other => {
                Err(Fault::SameOperand { operator: operator.to_owned(), path })
            }
            _ => Ok(()),
        }
    }

    fn types(&self, node: &Node<'a>) -> Result<(), Fault> {
        match node {
            Node::Compare { comparator, left, right } => self.comparison(*comparator, *left, *right),
            Node::Between { subject, low, high } => self.between(*subject, *low, *high),
            Node::Call { name, arguments } => self.call(name, arguments),
            _ => Ok(()),
        }
    }

    fn comparison(&self, comparator: Comparator, left: NodeId, right: NodeId) -> Result<(), Fault> {
        if !comparator.is_ordering() {
            return Ok(());
        }
        self.only(comparator.symbol(), &[left, right], &[Type::S, Type::N, Type::B])
    }

    /// Bounds that do not go together are reported before an operand that has no order.
    fn between(&self, subject: NodeId, low: NodeId, high: NodeId) -> Result<(), Fault> {
        self.bounds(low, high)?;
        self.only("BETWEEN", &[subject, low, high], &[Type::S, Type::N, Type::B])
    }

    fn bounds(&self, low: NodeId, high: NodeId) -> Result<(), Fault> {
        let (low, high) = (self.tree.literal(low, self.parameters), self.tree.literal(high, self.parameters));
        let Some((low, high)) = low.zip(high) else { return Ok(()) };
        let bounds = || Box::new((low.clone(), high.clone()));
        match evaluate::compare_ordered(low.as_ref(), high.as_ref()) {
            _ if low.as_ref().kind() != high.as_ref().kind() => Err(Fault::BoundTypes(bounds())),
            Some(Ordering::Greater) => Err(Fault::BoundOrder(bounds())),
            _ => Ok(()),
        }
    }

    fn call(&self, name: &str, arguments: &[NodeId]) -> Result<(), Fault> {
        match name {
            "attribute_exists" | "attribute_not_exists" => self.path(name, arguments[0]),
            "attribute_type" => self.type_name(arguments[1]),
            "begins_with" => self.only(name, arguments, &[Type::S, Type::B]),
            "size" => self.sized(arguments[0]),
            _ => Ok(()),
        }
    }

    fn path(&self, function: &str, argument: NodeId) -> Result<(), Fault> {
        match self.tree.path(argument) {
            Some(_) => Ok(()),
            None => Err(Fault::PathRequired(function.to_owned())),
        }
    }

    /// The second operand of attribute_type.
    fn type_name(&self, argument: NodeId) -> Result<(), Fault> {
        if self.tree.path(argument).is_some() {
            return Err(Fault::operand_type("attribute_type", ANY_TYPE));
        }
        self.only("attribute_type", &[argument], &[Type::S])?;
        match self.tree.literal(argument, self.parameters).map(|value| value.as_ref()) {
            Some(ValueRef::S(tag)) if Type::from_tag(tag).is_none() => {
                Err(Fault::UnknownType(tag.to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn sized(&self, argument: NodeId) -> Result<(), Fault> {
        match self.known_type(argument) {
            Some(kind @ (Type::N | Type::Bool | Type::Null)) => Err(Fault::operand_type("size", kind.tag())),
            _ => Ok(()),
        }
    }

    /// Every operand whose type is known has one of these.
    fn only(&self, operator: &str, operands: &[NodeId], allowed: &[Type]) -> Result<(), Fault> {
        let misfit =
            operands.iter().filter_map(|id| self.known_type(*id)).find(|kind| !allowed.contains(kind));
        misfit.map_or(Ok(()), |kind| Err(Fault::operand_type(operator, kind.tag())))
    }

    fn known_type(&self, id: NodeId) -> Option<Type> {
        match self.tree.node(id) {
            Node::Call { .. } => Some(Type::N),
            _ => self.tree.literal(id, self.parameters).map(|value| value.as_ref().kind()),
        }
    }
}
