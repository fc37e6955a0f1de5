//! From the syntax tree to the resolved update, node by node: children precede their parents, so each parent
//! finds its children resolved.

use crate::error::Fault;
use crate::parameters::{Parameters, Usage};
use crate::path;
use crate::syntax::{self, Node, NodeId, Tree};
use crate::update::{Action, Change, ParsedUpdate, RawAction, RawChange, Term, statics};

pub(super) fn resolve(
    update: &ParsedUpdate<'_>,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<Vec<Action>, Fault> {
    check_names(update, parameters, usage)?;
    check_values(update, parameters)?;
    statics::check(update, parameters)?;
    let mut resolver = Resolver { parameters, usage, terms: Vec::new() };
    resolver.tree(&update.tree)?;
    let actions =
        update.actions.iter().map(|action| resolver.action(action)).collect::<Result<Vec<_>, _>>()?;
    check_targets(&actions)?;
    Ok(actions)
}

fn check_names(
    update: &ParsedUpdate<'_>,
    parameters: &Parameters<'_>,
    usage: &mut Usage,
) -> Result<(), Fault> {
    update.paths().try_for_each(|path| path.check_aliases(parameters, usage))
}

fn check_values(update: &ParsedUpdate<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    let undefined = update.value_names().find(|name| parameters.value(name).is_none());
    undefined.map_or(Ok(()), |name| Err(Fault::UndefinedValue(name.to_owned())))
}

fn check_targets(actions: &[Action]) -> Result<(), Fault> {
    let paths: Vec<_> = actions.iter().map(|action| &action.path).collect();
    path::first_clash(&paths).map_or(Ok(()), |clash| Err(Fault::path_clash(clash)))
}

struct Resolver<'t, 'p> {
    parameters: &'t Parameters<'p>,
    usage: &'t mut Usage,
    /// The resolved form of each node, until its parent or its action takes it.
    terms: Vec<Option<Term>>,
}

impl Resolver<'_, '_> {
    fn tree(&mut self, tree: &Tree<'_>) -> Result<(), Fault> {
        for node in tree.iter() {
            let term = self.term(node)?;
            self.terms.push(Some(term));
        }
        Ok(())
    }

    fn action(&mut self, action: &RawAction<'_>) -> Result<Action, Fault> {
        let path = action.path.resolve(self.parameters, self.usage)?;
        let change = match action.change {
            RawChange::Set(value) => Change::Set(self.take(value)),
            RawChange::Remove => Change::Remove,
            RawChange::Add(name) => Change::Add(syntax::resolve_value(name, self.parameters, self.usage)?),
            RawChange::Delete(name) => {
                Change::Delete(syntax::resolve_value(name, self.parameters, self.usage)?)
            }
        };
        Ok(Action { path, change })
    }

    fn take(&mut self, id: NodeId) -> Term {
        self.terms[id.index()].take().expect("a node has one parent, which comes after it")
    }

    fn boxed(&mut self, id: NodeId) -> Box<Term> {
        Box::new(self.take(id))
    }

    fn term(&mut self, node: &Node<'_>) -> Result<Term, Fault> {
        Ok(match node {
            Node::Path(path) => Term::Path(path.resolve(self.parameters, self.usage)?),
            Node::Value(name) => Term::Value(syntax::resolve_value(name, self.parameters, self.usage)?),
            Node::Sum { left, right } => Term::Sum(self.boxed(*left), self.boxed(*right)),
            Node::Difference { left, right } => Term::Difference(self.boxed(*left), self.boxed(*right)),
            Node::Call { name, arguments } => self.call(name, arguments)?,
            _ => unreachable!("the update grammar has no other nodes"),
        })
    }

    fn call(&mut self, name: &str, arguments: &[NodeId]) -> Result<Term, Fault> {
        let [first, second] = arguments else { return Err(Fault::operand_count(name, arguments.len())) };
        let (first, second) = (self.take(*first), self.boxed(*second));
        match (name, first) {
            ("if_not_exists", Term::Path(path)) => Ok(Term::IfNotExists(path, second)),
            ("if_not_exists", _) => Err(Fault::PathRequired(name.to_owned())),
            (_, first) => Ok(Term::ListAppend(Box::new(first), second)),
        }
    }
}
