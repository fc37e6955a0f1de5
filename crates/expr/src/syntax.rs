//! The syntax tree of conditions and update values, before aliases are resolved.
//!
//! Nodes live in one list and refer to others by position, children before parents: building, checking and
//! dropping it never recurses, however deeply a client nests. Parentheses leave no node, and every node but a
//! root has one parent.

use crate::condition::Comparator;
use crate::error::Fault;
use crate::parameters::{Parameters, Usage};
use crate::path::{Element, Path};
use stdx::limits::ATTRIBUTE_NAME_BYTES_MAX;
use types::ValueBuf;

/// One step of a path as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawElement<'a> {
    Name(&'a str),
    Alias(&'a str),
    Index(u32),
}

/// A path as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawPath<'a>(pub(crate) Vec<RawElement<'a>>);

impl<'a> RawPath<'a> {
    /// Replaces the aliases and records their use.
    pub(crate) fn resolve(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<Path, Fault> {
        let elements = self.0.iter().map(|element| match element {
            RawElement::Name(name) => Ok(Element::Name((*name).to_owned())),
            RawElement::Index(index) => Ok(Element::Index(*index)),
            RawElement::Alias(alias) => resolve_alias(alias, parameters, usage),
        });
        elements.collect::<Result<Vec<_>, _>>().map(Path::new)
    }

    /// The path with its aliases replaced, unless one is undefined.
    pub(crate) fn expand(&self, parameters: &Parameters<'_>) -> Option<Path> {
        self.resolve(parameters, &mut Usage::default()).ok()
    }

    /// Its aliases are defined; their use is recorded.
    pub(crate) fn check_aliases(&self, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<(), Fault> {
        self.0.iter().try_for_each(|element| match element {
            RawElement::Alias(alias) => name_behind(alias, parameters, usage).map(drop),
            RawElement::Name(_) | RawElement::Index(_) => Ok(()),
        })
    }

    /// The bare names in it.
    pub(crate) fn bare_names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(|element| match element {
            RawElement::Name(name) => Some(*name),
            _ => None,
        })
    }
}

fn resolve_alias(alias: &str, parameters: &Parameters<'_>, usage: &mut Usage) -> Result<Element, Fault> {
    name_behind(alias, parameters, usage).map(|name| Element::Name(name.to_owned()))
}

fn name_behind<'p>(alias: &str, parameters: &Parameters<'p>, usage: &mut Usage) -> Result<&'p str, Fault> {
    let name = parameters.name(alias).ok_or_else(|| Fault::UndefinedName(alias.to_owned()))?;
    usage.use_name(alias);
    if name.len() > ATTRIBUTE_NAME_BYTES_MAX {
        return Err(Fault::NameTooLong);
    }
    Ok(name)
}

/// The value behind `:value`; its use is recorded.
pub(crate) fn resolve_value(
    name: &str,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<ValueBuf, Fault> {
    value_behind(name, parameters, usage).cloned()
}

fn value_behind<'p>(
    name: &str,
    parameters: &Parameters<'p>,
    usage: &mut Usage,
) -> Result<&'p ValueBuf, Fault> {
    let value = parameters.value(name).ok_or_else(|| Fault::UndefinedValue(name.to_owned()))?;
    usage.use_value(name);
    Ok(value)
}

/// What a node itself refers to is defined; its use is recorded.
pub(crate) fn check_references(
    node: &Node<'_>,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<(), Fault> {
    match node {
        Node::Path(path) => path.check_aliases(parameters, usage),
        Node::Value(name) => value_behind(name, parameters, usage).map(drop),
        _ => Ok(()),
    }
}

/// The position of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    Path(RawPath<'a>),
    Value(&'a str),
    Call { name: &'a str, arguments: Vec<NodeId> },
    Compare { comparator: Comparator, left: NodeId, right: NodeId },
    Between { subject: NodeId, low: NodeId, high: NodeId },
    In { subject: NodeId, candidates: Vec<NodeId> },
    Not(NodeId),
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    Sum { left: NodeId, right: NodeId },
    Difference { left: NodeId, right: NodeId },
}

/// The nodes of one expression.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    pub(crate) fn add(&mut self, node: Node<'a>) -> NodeId {
        self.nodes.push(node);
        NodeId((self.nodes.len() - 1) as u32)
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id.index()]
    }

    /// The same, mutable.
    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node<'a> {
        &mut self.nodes[id.index()]
    }

    /// All nodes, children before their parents.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter()
    }

    /// The path a node is, if it is one.
    pub(crate) fn path(&self, id: NodeId) -> Option<&RawPath<'a>> {
        match self.node(id) {
            Node::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The value of a node that is a literal and defined.
    pub(crate) fn literal<'p>(&self, id: NodeId, parameters: &Parameters<'p>) -> Option<&'p ValueBuf> {
        match self.node(id) {
            Node::Value(name) => parameters.value(name),
            _ => None,
        }
    }
}
