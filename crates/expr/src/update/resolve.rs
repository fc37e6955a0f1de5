//! From the syntax tree to the resolved update. Recursion is bounded: the tree has passed the operator
//! limit.

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
    check_names(update, parameters)?;
    check_values(update, parameters)?;
    statics::check(update, parameters)?;
    let mut resolver = Resolver { tree: &update.tree, parameters, usage };
    let actions =
        update.actions.iter().map(|action| resolver.action(action)).collect::<Result<Vec<_>, _>>()?;
    check_targets(&actions)?;
    Ok(actions)
}

fn check_names(update: &ParsedUpdate<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    update.paths().try_for_each(|path| path.resolve(parameters, &mut Usage::default()).map(drop))
}

fn check_values(update: &ParsedUpdate<'_>, parameters: &Parameters<'_>) -> Result<(), Fault> {
    let undefined = update.value_names().find(|name| parameters.value(name).is_none());
    undefined.map_or(Ok(()), |name| Err(Fault::UndefinedValue(name.to_owned())))
}

fn check_targets(actions: &[Action]) -> Result<(), Fault> {
    let paths: Vec<_> = actions.iter().map(|action| &action.path).collect();
    path::first_clash(&paths).map_or(Ok(()), |clash| Err(Fault::path_clash(clash)))
}

struct Resolver<'t, 'a, 'p> {
    tree: &'t Tree<'a>,
    parameters: &'t Parameters<'p>,
    usage: &'t mut Usage,
}

impl Resolver<'_, '_, '_> {
    fn action(&mut self, action: &RawAction<'_>) -> Result<Action, Fault> {
        let path = action.path.resolve(self.parameters, self.usage)?;
        let change = match action.change {
            RawChange::Set(value) => Change::Set(self.term(value)?),
            RawChange::Remove => Change::Remove,
            RawChange::Add(name) => Change::Add(syntax::resolve_value(name, self.parameters, self.usage)?),
            RawChange::Delete(name) => {
                Change::Delete(syntax::resolve_value(name, self.parameters, self.usage)?)
            }
        };
        Ok(Action { path, change })
    }

    fn term(&mut self, id: NodeId) -> Result<Term, Fault> {
        let tree = self.tree;
        Ok(match tree.node(id) {
            Node::Path(path) => Term::Path(path.resolve(self.parameters, self.usage)?),
            Node::Value(name) => Term::Value(syntax::resolve_value(name, self.parameters, self.usage)?),
            Node::Sum { left, right } => Term::Sum(self.boxed(*left)?, self.boxed(*right)?),
            Node::Difference { left, right } => Term::Difference(self.boxed(*left)?, self.boxed(*right)?),
            Node::Call { name, arguments } => self.call(name, arguments)?,
            _ => unreachable!("the update grammar has no other nodes"),
        })
    }

    fn boxed(&mut self, id: NodeId) -> Result<Box<Term>, Fault> {
        self.term(id).map(Box::new)
    }

    fn call(&mut self, name: &str, arguments: &[NodeId]) -> Result<Term, Fault> {
        let terms = arguments.iter().map(|id| self.term(*id)).collect::<Result<Vec<_>, _>>()?;
        let [first, second]: [Term; 2] =
            terms.try_into().map_err(|_| Fault::operand_count(name, arguments.len()))?;
        match (name, first) {
            ("if_not_exists", Term::Path(path)) => Ok(Term::IfNotExists(path, Box::new(second))),
            ("if_not_exists", _) => Err(Fault::PathRequired(name.to_owned())),
            (_, first) => Ok(Term::ListAppend(Box::new(first), Box::new(second))),
        }
    }
}
