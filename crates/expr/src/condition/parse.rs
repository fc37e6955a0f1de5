//! The condition grammar, read with an explicit stack of what is unfinished: no depth of nesting can
//! exhaust the thread's stack.
//!
//! ```text
//! condition := and (OR and)*            and := not (AND not)*            not := NOT not | primary
//! primary   := '(' condition ')' | call | operand comparator operand
//!            | operand BETWEEN operand AND operand | operand IN '(' operand (',' operand)* ')'
//! operand   := path | :value | call | '(' operand ')'
//! path      := (name | '(' path ')') ('.' name | '[' index ']')*
//! call      := name '(' operand (',' operand)* ')'
//! ```

use crate::condition::Comparator;
use crate::cursor::Cursor;
use crate::error::Fault;
use crate::lexer::TokenKind;
use crate::syntax::{Node, NodeId, Tree};
use crate::syntax_check::{self, CONDITION_FUNCTIONS};

const KEYWORDS: &[&str] = &["AND", "OR", "NOT", "BETWEEN", "IN"];

/// Reads the expression and judges what needs no parameters.
pub(super) fn parse(text: &str) -> Result<Tree<'_>, Fault> {
    let mut parser = Parser::new(text)?;
    let root = parser.condition()?;
    if parser.redundant_parentheses {
        return Err(Fault::RedundantParentheses);
    }
    syntax_check::known_functions(&parser.tree)?;
    function_use(&parser.tree, root)?;
    syntax_check::reserved_words(syntax_check::paths(&parser.tree))?;
    syntax_check::path_depths(syntax_check::paths(&parser.tree))?;
    syntax_check::bounds(&parser.tree)?;
    Ok(parser.tree)
}

/// An unfinished construct that needs the term being read.
enum Frame<'a> {
    /// `(`; where only an operand is allowed, only an operand is allowed inside.
    Group {
        operand_only: bool,
    },
    Call {
        name: &'a str,
        arguments: Vec<NodeId>,
    },
    Compare {
        comparator: Comparator,
        left: NodeId,
    },
    Low {
        subject: NodeId,
    },
    High {
        subject: NodeId,
        low: NodeId,
    },
    In {
        subject: NodeId,
        candidates: Vec<NodeId>,
    },
    Not,
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
}

/// What a finished term can serve as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Operand,
    Condition,
    /// A call is both, until its place decides.
    Call,
}

/// A finished term.
#[derive(Clone, Copy)]
struct Term {
    node: NodeId,
    role: Role,
    /// Whether it is a parenthesised group.
    grouped: bool,
}

/// What to do after a step.
enum Step {
    /// Read a term.
    Read,
    /// Fit this finished term into the innermost unfinished construct.
    Fit(Term),
    /// The expression is complete.
    Done(NodeId),
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    tree: Tree<'a>,
    stack: Vec<Frame<'a>>,
    redundant_parentheses: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, Fault> {
        let cursor = Cursor::new(text, KEYWORDS)?;
        Ok(Parser { cursor, tree: Tree::default(), stack: Vec::new(), redundant_parentheses: false })
    }

    fn condition(&mut self) -> Result<NodeId, Fault> {
        let mut step = Step::Read;
        loop {
            step = match step {
                Step::Read => self.read()?,
                Step::Fit(term) => self.fit(term)?,
                Step::Done(root) => return Ok(root),
            }
        }
    }

    /// Whether a condition, not only an operand, is allowed here.
    fn wants_condition(&self) -> bool {
        match self.stack.last() {
            None | Some(Frame::Not | Frame::And(_) | Frame::Or(_)) => true,
            Some(Frame::Group { operand_only }) => !operand_only,
            Some(_) => false,
        }
    }

    /// Reads the beginning of a term, or a whole one.
    fn read(&mut self) -> Result<Step, Fault> {
        let wants_condition = self.wants_condition();
        if wants_condition && self.cursor.take_keyword("NOT") {
            return Ok(self.begin(Frame::Not));
        }
        if self.cursor.take("(") {
            return Ok(self.begin(Frame::Group { operand_only: !wants_condition }));
        }
        if let Some(name) = self.cursor.take_call() {
            return Ok(self.begin(Frame::Call { name, arguments: Vec::new() }));
        }
        let node = if self.cursor.peek().kind == TokenKind::Value {
            Node::Value(self.cursor.next().text)
        } else {
            Node::Path(self.cursor.path()?)
        };
        Ok(self.finish(node, Role::Operand))
    }

    fn begin(&mut self, frame: Frame<'a>) -> Step {
        self.stack.push(frame);
        Step::Read
    }

    fn finish(&mut self, node: Node<'a>, role: Role) -> Step {
        Step::Fit(Term { node: self.tree.add(node), role, grouped: false })
    }

    /// Fits a finished term into the innermost unfinished construct.
    fn fit(&mut self, term: Term) -> Result<Step, Fault> {
        if self.wants_condition() {
            return self.fit_condition(term);
        }
        match self.stack.pop() {
            Some(Frame::Compare { comparator, left }) => {
                Ok(self.finish(Node::Compare { comparator, left, right: term.node }, Role::Condition))
            }
            Some(Frame::Low { subject }) => self.fit_low(subject, term),
            Some(Frame::High { subject, low }) => {
                Ok(self.finish(Node::Between { subject, low, high: term.node }, Role::Condition))
            }
            Some(Frame::Call { name, arguments }) => self.fit_argument(name, arguments, term),
            Some(Frame::In { subject, candidates }) => self.fit_candidate(subject, candidates, term),
            Some(Frame::Group { .. }) => self.close_group(term),
            None | Some(Frame::Not | Frame::And(_) | Frame::Or(_)) => unreachable!("these want a condition"),
        }
    }

    fn fit_low(&mut self, subject: NodeId, term: Term) -> Result<Step, Fault> {
        if !self.cursor.take_keyword("AND") {
            return Err(self.cursor.syntax_error());
        }
        Ok(self.begin(Frame::High { subject, low: term.node }))
    }

    fn fit_argument(&mut self, name: &'a str, mut arguments: Vec<NodeId>, term: Term) -> Result<Step, Fault> {
        arguments.push(term.node);
        if self.cursor.take(",") {
            return Ok(self.begin(Frame::Call { name, arguments }));
        }
        self.cursor.expect(")")?;
        Ok(self.finish(Node::Call { name, arguments }, Role::Call))
    }

    fn fit_candidate(
        &mut self,
        subject: NodeId,
        mut candidates: Vec<NodeId>,
        term: Term,
    ) -> Result<Step, Fault> {
        candidates.push(term.node);
        if self.cursor.take(",") {
            return Ok(self.begin(Frame::In { subject, candidates }));
        }
        self.cursor.expect(")")?;
        Ok(self.finish(Node::In { subject, candidates }, Role::Condition))
    }

    /// A path in parentheses may continue after them: `(a.b).c`.
    fn close_group(&mut self, term: Term) -> Result<Step, Fault> {
        self.cursor.expect(")")?;
        self.redundant_parentheses |= term.grouped;
        let goes_on = match self.tree.node_mut(term.node) {
            Node::Path(path) => self.cursor.path_continues(path)?,
            _ => false,
        };
        Ok(Step::Fit(Term { grouped: !goes_on, ..term }))
    }

    /// Fits a term where a condition is allowed: as the left side of a comparison, or as a condition.
    fn fit_condition(&mut self, term: Term) -> Result<Step, Fault> {
        if term.role != Role::Condition
            && let Some(frame) = self.operator(term.node)?
        {
            return Ok(self.begin(frame));
        }
        match (self.stack.last_mut(), term.role) {
            (Some(Frame::Group { .. }), Role::Operand) => {
                self.stack.pop();
                self.close_group(term)
            }
            (_, Role::Operand) => Err(self.cursor.syntax_error()),
            (Some(Frame::Not), _) => {
                self.stack.pop();
                Ok(self.finish(Node::Not(term.node), Role::Condition))
            }
            _ => self.fit_junction(term),
        }
    }

    /// Reads what makes the operand before it the beginning of a condition.
    fn operator(&mut self, left: NodeId) -> Result<Option<Frame<'a>>, Fault> {
        if self.cursor.take_keyword("BETWEEN") {
            return Ok(Some(Frame::Low { subject: left }));
        }
        if self.cursor.take_keyword("IN") {
            self.cursor.expect("(")?;
            return Ok(Some(Frame::In { subject: left, candidates: Vec::new() }));
        }
        let token = self.cursor.peek();
        let found = Comparator::ALL.into_iter().find(|comparator| token.is(comparator.symbol()));
        Ok(found.map(|comparator| {
            self.cursor.next();
            Frame::Compare { comparator, left }
        }))
    }

    /// Fits a condition between AND, OR, a closing parenthesis and the end.
    fn fit_junction(&mut self, term: Term) -> Result<Step, Fault> {
        if self.cursor.take_keyword("AND") {
            let operands = match self.stack.pop() {
                Some(Frame::And(operands)) => operands,
                other => {
                    self.stack.extend(other);
                    Vec::new()
                }
            };
            return Ok(self.begin(Frame::And(with(operands, term.node))));
        }
        if let Some(Frame::And(_)) = self.stack.last() {
            return Ok(self.finish_junction(term));
        }
        if self.cursor.take_keyword("OR") {
            let operands = match self.stack.pop() {
                Some(Frame::Or(operands)) => operands,
                other => {
                    self.stack.extend(other);
                    Vec::new()
                }
            };
            return Ok(self.begin(Frame::Or(with(operands, term.node))));
        }
        match self.stack.last() {
            Some(Frame::Or(_)) => Ok(self.finish_junction(term)),
            Some(Frame::Group { .. }) => {
                self.stack.pop();
                self.close_group(term)
            }
            _ if self.cursor.is_at_end() => Ok(Step::Done(term.node)),
            _ => Err(self.cursor.syntax_error()),
        }
    }

    fn finish_junction(&mut self, last: Term) -> Step {
        let node = match self.stack.pop() {
            Some(Frame::And(operands)) => Node::And(with(operands, last.node)),
            Some(Frame::Or(operands)) => Node::Or(with(operands, last.node)),
            _ => unreachable!("the caller has seen the junction"),
        };
        self.finish(node, Role::Condition)
    }
}

fn with(mut operands: Vec<NodeId>, operand: NodeId) -> Vec<NodeId> {
    operands.push(operand);
    operands
}

/// `size` returns a number and is allowed only as an operand; the other functions of conditions are conditions and
/// never operands; functions of updates are refused.
fn function_use(tree: &Tree<'_>, root: NodeId) -> Result<(), Fault> {
    for node in tree.iter() {
        match node {
            Node::Call { arguments, .. } => operands(tree, arguments)?,
            Node::Compare { left, right, .. } => operands(tree, &[*left, *right])?,
            Node::Between { subject, low, high } => operands(tree, &[*subject, *low, *high])?,
            Node::In { subject, candidates } => {
                operands(tree, &[*subject])?;
                operands(tree, candidates)?;
            }
            Node::Not(inner) => conditions(tree, &[*inner])?,
            Node::And(all) | Node::Or(all) => conditions(tree, all)?,
            Node::Path(_) | Node::Value(_) | Node::Sum { .. } | Node::Difference { .. } => {}
        }
    }
    conditions(tree, &[root])
}

fn operands(tree: &Tree<'_>, nodes: &[NodeId]) -> Result<(), Fault> {
    calls(tree, nodes, |name| name == "size")
}

fn conditions(tree: &Tree<'_>, nodes: &[NodeId]) -> Result<(), Fault> {
    calls(tree, nodes, |name| name != "size" && CONDITION_FUNCTIONS.contains(&name))
}

fn calls(tree: &Tree<'_>, nodes: &[NodeId], fits: impl Fn(&str) -> bool) -> Result<(), Fault> {
    for node in nodes {
        if let Node::Call { name, .. } = tree.node(*node)
            && !fits(name)
        {
            return Err(Fault::MisusedFunction((*name).to_owned()));
        }
    }
    Ok(())
}
