//! One expression on its way from a tree to a text: a stack of what is still to be written, and how tightly operators
//! bind.

use super::{LIST_MAX, Placeholders, TEXT_BYTES_MAX, op, read_path};
use crate::codec::reader::{Fault, Reader};
use std::collections::HashMap;
use wire::attribute::AttributeValue;

/// How tightly an operator binds: what binds less than its surroundings stands in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Term,
}

/// What is still to be written.
#[derive(Debug, Clone, Copy)]
enum Step {
    Text(&'static str),
    /// The next node of the tree, inside something that binds like this.
    Node(Binding),
    /// The next node, which is an array of alternatives.
    Alternatives,
}

/// One expression on its way to a text.
pub(super) struct Writing<'p> {
    placeholders: &'p mut Placeholders,
    values: Vec<AttributeValue>,
    /// The placeholder of each value that was used.
    used: HashMap<usize, String>,
    pub(super) text: String,
    /// Bytes that were written and taken out of `text`.
    pub(super) written: usize,
    steps: Vec<Step>,
}

impl<'p> Writing<'p> {
    pub(super) fn of(placeholders: &'p mut Placeholders, values: Vec<AttributeValue>) -> Self {
        Writing {
            placeholders,
            values,
            used: HashMap::new(),
            text: String::new(),
            written: 0,
            steps: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<String, Fault> {
        let Writing { placeholders, values, used, text, .. } = self;
        for (index, value) in values.into_iter().enumerate() {
            if let Some(placeholder) = used.get(&index) {
                placeholders.values.insert(placeholder.clone(), value);
            }
        }
        Ok(text)
    }

    /// One action of an update; which clause it belongs to.
    pub(super) fn action(&mut self, reader: &mut Reader<'_>) -> Result<i64, Fault> {
        let arguments = reader.array()?.announced().ok_or(Fault::OtherType)?;
        let clause = reader.int()?;
        let between = match (clause, arguments) {
            (op::SET, 3) => "=",
            (op::ADD | op::DELETE, 3) => " ",
            (op::REMOVE, 2) => {
                self.expression(reader, Binding::Term)?;
                return Ok(clause);
            }
            _ => return Err(Fault::OtherType),
        };
        self.expression(reader, Binding::Term)?;
        self.text.push_str(between);
        self.expression(reader, Binding::Sum)?;
        Ok(clause)
    }

    /// The node that is next, and all below it.
    pub(super) fn expression(&mut self, reader: &mut Reader<'_>, outside: Binding) -> Result<(), Fault> {
        self.steps.push(Step::Node(outside));
        while let Some(step) = self.steps.pop() {
            match step {
                Step::Text(text) => self.text.push_str(text),
                Step::Node(outside) => self.node(reader, outside)?,
                Step::Alternatives => self.alternatives(reader)?,
            }
            // Each step still to come writes a byte at least.
            if self.written + self.text.len() + self.steps.len() > TEXT_BYTES_MAX {
                return Err(Fault::TooLarge);
            }
        }
        Ok(())
    }

    fn node(&mut self, reader: &mut Reader<'_>, outside: Binding) -> Result<(), Fault> {
        let len = reader.array()?.announced().filter(|len| *len > 0).ok_or(Fault::OtherType)?;
        let (code, arguments) = (reader.int()?, len - 1);
        match (code, arguments) {
            (op::PATH, _) => {
                let path = read_path(reader, arguments)?;
                self.placeholders.write_path(&path, &mut self.text);
            }
            (op::VALUE, 1) => self.value(reader)?,
            (op::NOT, 1) => self.then(outside, Binding::Not, &[Step::Text("NOT "), Step::Node(Binding::Not)]),
            (op::BETWEEN, 3) => {
                let term = Step::Node(Binding::Term);
                let steps = [term, Step::Text(" BETWEEN "), term, Step::Text(" AND "), term];
                self.then(outside, Binding::Comparison, &steps);
            }
            (op::IN, 2) => {
                let steps =
                    [Step::Node(Binding::Term), Step::Text(" IN("), Step::Alternatives, Step::Text(")")];
                self.then(outside, Binding::Comparison, &steps);
            }
            (_, 2) if infix(code).is_some() => {
                let (operator, binding, inside) = infix(code).expect("it was looked at");
                // The right side of a difference is no part of it: a - (b + c).
                let right = if binding == Binding::Sum { Binding::Term } else { inside };
                self.then(outside, binding, &[Step::Node(inside), Step::Text(operator), Step::Node(right)]);
            }
            _ => self.call(function(code).ok_or(Fault::OtherType)?, arguments)?,
        }
        Ok(())
    }

    fn call(&mut self, name: &'static str, arguments: u64) -> Result<(), Fault> {
        if arguments > LIST_MAX as u64 {
            return Err(Fault::TooLarge);
        }
        self.text.push_str(name);
        self.steps.push(Step::Text(")"));
        self.list(arguments);
        Ok(())
    }

    fn alternatives(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let count = reader.array()?.announced().ok_or(Fault::OtherType)?;
        if count > LIST_MAX as u64 {
            return Err(Fault::TooLarge);
        }
        self.list(count);
        Ok(())
    }

    /// So many nodes, with commas between them.
    fn list(&mut self, count: u64) {
        for at in 0..count {
            if at > 0 {
                self.steps.push(Step::Text(","));
            }
            self.steps.push(Step::Node(Binding::Term));
        }
    }

    /// These steps next, in parentheses where they bind less than what is outside.
    fn then(&mut self, outside: Binding, binding: Binding, steps: &[Step]) {
        let is_loose = binding < outside;
        if is_loose {
            self.text.push('(');
            self.steps.push(Step::Text(")"));
        }
        self.steps.extend(steps.iter().rev());
    }

    fn value(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let index = usize::try_from(reader.int()?).map_err(|_| Fault::OtherType)?;
        if index >= self.values.len() {
            return Err(Fault::OtherType);
        }
        let next = self.placeholders.values.len() + self.used.len();
        let placeholder = self.used.entry(index).or_insert_with(|| format!(":{next}"));
        self.text.push_str(placeholder);
        Ok(())
    }
}

/// An operator between two operands, how it binds, and how its left side must at least.
fn infix(code: i64) -> Option<(&'static str, Binding, Binding)> {
    let comparison = |symbol| (symbol, Binding::Comparison, Binding::Term);
    Some(match code {
        0 => comparison("="),
        1 => comparison("<>"),
        2 => comparison("<"),
        3 => comparison(">="),
        4 => comparison(">"),
        5 => comparison("<="),
        op::AND => (" AND ", Binding::And, Binding::And),
        op::OR => (" OR ", Binding::Or, Binding::Or),
        op::PLUS => ("+", Binding::Sum, Binding::Sum),
        op::MINUS => ("-", Binding::Sum, Binding::Sum),
        _ => return None,
    })
}

fn function(code: i64) -> Option<&'static str> {
    Some(match code {
        11 => "attribute_exists(",
        12 => "attribute_not_exists(",
        13 => "attribute_type(",
        14 => "begins_with(",
        15 => "contains(",
        16 => "size(",
        23 => "if_not_exists(",
        24 => "list_append(",
        _ => return None,
    })
}
