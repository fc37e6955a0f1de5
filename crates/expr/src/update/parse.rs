//! The update grammar. Values are read with an explicit stack of what is unfinished, so that no depth of
//! nesting can exhaust the thread's stack.
//!
//! ```text
//! update := (SET set (',' set)* | REMOVE path (',' path)* | ADD change (',' change)* | DELETE change (',' change)*)+
//! set    := path '=' value             change := path :value
//! value  := term | term ('+' | '-') term
//! term   := path | :value | name '(' term (',' term)* ')' | '(' value ')'
//! ```

use crate::cursor::Cursor;
use crate::error::Fault;
use crate::lexer::TokenKind;
use crate::syntax::{Node, NodeId, RawPath, Tree};
use crate::syntax_check::{self, UPDATE_FUNCTIONS};
use crate::update::{ParsedUpdate, RawAction, RawChange};

const SECTIONS: &[&str] = &["SET", "REMOVE", "ADD", "DELETE"];
/// What most updates do with.
const ACTIONS_EXPECTED: usize = 4;

/// Reads the expression and judges what needs no parameters.
pub(super) fn parse(text: &str) -> Result<ParsedUpdate<'_>, Fault> {
    let cursor = Cursor::new(text, SECTIONS)?;
    let mut parser = Parser { cursor, tree: Tree::default(), actions: Vec::with_capacity(ACTIONS_EXPECTED) };
    let sections = parser.sections()?;
    let update = ParsedUpdate { tree: parser.tree, actions: parser.actions };
    syntax_check::reserved_words(update.paths())?;
    syntax_check::path_depths(update.paths())?;
    syntax_check::known_functions(&update.tree)?;
    function_use(&update.tree)?;
    used_once(&sections)?;
    syntax_check::bounds(&update.tree)?;
    Ok(update)
}

/// Refuses functions of conditions, and list_append as the first operand of list_append.
fn function_use(tree: &Tree<'_>) -> Result<(), Fault> {
    let is_list_append = |id: &NodeId| matches!(tree.node(*id), Node::Call { name: "list_append", .. });
    let misused = tree.iter().find_map(|node| match node {
        Node::Call { name, .. } if !UPDATE_FUNCTIONS.contains(name) => Some(*name),
        Node::Call { name: name @ "list_append", arguments } => {
            arguments.first().filter(|first| is_list_append(first)).map(|_| *name)
        }
        _ => None,
    });
    misused.map_or(Ok(()), |name| Err(Fault::MisusedFunction(name.to_owned())))
}

fn used_once(sections: &[&'static str]) -> Result<(), Fault> {
    let twice = sections.iter().enumerate().find(|(i, section)| sections[..*i].contains(section));
    twice.map_or(Ok(()), |(_, section)| Err(Fault::SectionTwice(section)))
}

impl<'a> ParsedUpdate<'a> {
    /// Every path, those of values first.
    pub(super) fn paths(&self) -> impl Iterator<Item = &RawPath<'a>> {
        syntax_check::paths(&self.tree).chain(self.actions.iter().map(|action| &action.path))
    }

    /// Every `:value`, those of SET first.
    pub(super) fn value_names(&self) -> impl Iterator<Item = &'a str> {
        let operands = self.tree.iter().filter_map(|node| match node {
            Node::Value(name) => Some(*name),
            _ => None,
        });
        operands.chain(self.actions.iter().filter_map(|action| match action.change {
            RawChange::Add(name) | RawChange::Delete(name) => Some(name),
            RawChange::Set(_) | RawChange::Remove => None,
        }))
    }
}

/// An unfinished construct that needs the value being read.
enum Frame<'a> {
    Group,
    Call { name: &'a str, arguments: Vec<NodeId> },
    Sum { left: NodeId },
    Difference { left: NodeId },
}

/// What to do after a step.
enum Step {
    /// Read a term.
    Read,
    /// Fit this finished term into the innermost unfinished construct.
    Fit { node: NodeId, shape: Shape },
    /// The value is complete.
    Done(NodeId),
}

/// Whether a finished term can be the left side of an operator: a bare sum or difference cannot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Term,
    Arithmetic,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    tree: Tree<'a>,
    actions: Vec<RawAction<'a>>,
}

impl<'a> Parser<'a> {
    /// Reads all sections; returns which are present.
    fn sections(&mut self) -> Result<Vec<&'static str>, Fault> {
        let mut sections = Vec::with_capacity(SECTIONS.len());
        loop {
            let found = SECTIONS.iter().find(|section| self.cursor.take_keyword(section));
            let section = *found.ok_or_else(|| self.cursor.syntax_error())?;
            sections.push(section);
            self.section(section)?;
            if self.cursor.is_at_end() {
                return Ok(sections);
            }
        }
    }

    fn section(&mut self, section: &'static str) -> Result<(), Fault> {
        loop {
            let path = self.cursor.path()?;
            let change = match section {
                "SET" => self.set()?,
                "REMOVE" => RawChange::Remove,
                "ADD" => RawChange::Add(self.literal()?),
                _ => RawChange::Delete(self.literal()?),
            };
            self.actions.push(RawAction { path, change });
            if !self.cursor.take(",") {
                return Ok(());
            }
        }
    }

    fn set(&mut self) -> Result<RawChange<'a>, Fault> {
        self.cursor.expect("=")?;
        self.value().map(RawChange::Set)
    }

    fn literal(&mut self) -> Result<&'a str, Fault> {
        if self.cursor.peek().kind != TokenKind::Value {
            return Err(self.cursor.syntax_error());
        }
        Ok(self.cursor.next().text)
    }

    fn value(&mut self) -> Result<NodeId, Fault> {
        let (mut stack, mut step) = (Vec::new(), Step::Read);
        loop {
            step = match step {
                Step::Read => self.read(&mut stack)?,
                Step::Fit { node, shape } => self.fit(&mut stack, node, shape)?,
                Step::Done(value) => return Ok(value),
            }
        }
    }

    /// Reads the beginning of a term, or a whole one.
    fn read(&mut self, stack: &mut Vec<Frame<'a>>) -> Result<Step, Fault> {
        if self.cursor.take("(") {
            stack.push(Frame::Group);
            return Ok(Step::Read);
        }
        if let Some(name) = self.cursor.take_call() {
            stack.push(Frame::Call { name, arguments: Vec::new() });
            return Ok(Step::Read);
        }
        let node = if self.cursor.peek().kind == TokenKind::Value {
            Node::Value(self.cursor.next().text)
        } else {
            Node::Path(self.cursor.path()?)
        };
        Ok(self.finish(node, Shape::Term))
    }

    fn finish(&mut self, node: Node<'a>, shape: Shape) -> Step {
        Step::Fit { node: self.tree.add(node), shape }
    }

    /// Fits a finished term into the innermost unfinished construct.
    fn fit(&mut self, stack: &mut Vec<Frame<'a>>, node: NodeId, shape: Shape) -> Result<Step, Fault> {
        let open = matches!(stack.last(), None | Some(Frame::Group));
        if open
            && shape == Shape::Term
            && let Some(frame) = self.operator(node)
        {
            stack.push(frame);
            return Ok(Step::Read);
        }
        match stack.pop() {
            None => Ok(Step::Done(node)),
            Some(Frame::Group) => {
                self.cursor.expect(")")?;
                Ok(Step::Fit { node, shape: Shape::Term })
            }
            Some(Frame::Sum { left }) => Ok(self.finish(Node::Sum { left, right: node }, Shape::Arithmetic)),
            Some(Frame::Difference { left }) => {
                Ok(self.finish(Node::Difference { left, right: node }, Shape::Arithmetic))
            }
            Some(Frame::Call { name, arguments }) => self.fit_argument(stack, name, arguments, node),
        }
    }

    fn operator(&mut self, left: NodeId) -> Option<Frame<'a>> {
        if self.cursor.take("+") {
            return Some(Frame::Sum { left });
        }
        self.cursor.take("-").then_some(Frame::Difference { left })
    }

    fn fit_argument(
        &mut self,
        stack: &mut Vec<Frame<'a>>,
        name: &'a str,
        mut arguments: Vec<NodeId>,
        argument: NodeId,
    ) -> Result<Step, Fault> {
        arguments.push(argument);
        if self.cursor.take(",") {
            stack.push(Frame::Call { name, arguments });
            return Ok(Step::Read);
        }
        self.cursor.expect(")")?;
        Ok(self.finish(Node::Call { name, arguments }, Shape::Term))
    }
}
