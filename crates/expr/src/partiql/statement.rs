//! The statements, clause by clause.

use super::clauses::{self, set_clause, target};
use super::cursor::Cursor;
use super::lexer::Kind;
use super::{
    DeleteStatement, Insert, OrderTerm, Select, Statement, StatementError, Target, UpdateStatement, literal,
    where_clause,
};
use crate::path::{Element, Path};
use crate::update::{Action, Change, Update};
use types::{ItemBuilder, Value, ValueBuf};

/// Reads a whole statement.
pub(super) fn parse(text: &str, parameters: &[ValueBuf]) -> Result<Statement, StatementError> {
    let mut cursor = Cursor::new(text, parameters);
    let statement = statement(&mut cursor)?;
    end(&mut cursor)?;
    cursor.check_parameters()?;
    match cursor.misfit.take() {
        Some(fault) => Err(fault.into()),
        None => Ok(statement),
    }
}

/// One semicolon may follow.
fn end(cursor: &mut Cursor<'_>) -> Result<(), StatementError> {
    let has_semicolon = cursor.take(";");
    match cursor.peek() {
        Kind::End => Ok(()),
        _ if has_semicolon => {
            Err(StatementError::Syntax("Unexpected token after semicolon. (Only one query is allowed.)"))
        }
        _ => Err(StatementError::Syntax("Unexpected token after expression")),
    }
}

fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, StatementError> {
    if cursor.take_keyword("select") {
        select(cursor).map(Statement::Select)
    } else if cursor.take_keyword("insert") {
        insert(cursor).map(Statement::Insert)
    } else if cursor.take_keyword("update") {
        update(cursor).map(Statement::Update)
    } else if cursor.take_keyword("delete") {
        delete(cursor).map(Statement::Delete)
    } else if cursor.take_keyword("from") {
        update_from(cursor).map(Statement::Update)
    } else if cursor.take_keyword("exists") {
        exists(cursor).map(Statement::Exists)
    } else {
        Err(StatementError::Syntax("Expected data manipulation"))
    }
}

fn exists(cursor: &mut Cursor<'_>) -> Result<Select, StatementError> {
    cursor.expect("(")?;
    cursor.expect_keyword("select")?;
    let select = select(cursor)?;
    cursor.expect(")")?;
    Ok(select)
}

fn select(cursor: &mut Cursor<'_>) -> Result<Select, StatementError> {
    let paths = if cursor.take("*") { None } else { Some(selected_paths(cursor)?) };
    cursor.expect_keyword("from")?;
    let target = target(cursor)?;
    clauses::single_source(cursor, "Only select from a single table or index is supported.")?;
    let condition = where_clause::read(cursor)?;
    let order = order(cursor)?;
    if condition.is_none() && !order.is_empty() {
        return Err(StatementError::Refused(
            "Must have WHERE clause in the statement when using ORDER BY clause.",
        ));
    }
    Ok(Select { target, paths, condition, order })
}

fn selected_paths(cursor: &mut Cursor<'_>) -> Result<Vec<Path>, StatementError> {
    let mut paths = Vec::new();
    loop {
        if let (Kind::Word(_), Kind::Symbol("(")) = (cursor.peek(), cursor.peek_second()) {
            return Err(cursor.unexpected_call());
        }
        paths.push(cursor.path()?);
        clauses::no_alias(cursor)?;
        if !cursor.take(",") {
            return Ok(paths);
        }
    }
}

fn order(cursor: &mut Cursor<'_>) -> Result<Vec<OrderTerm>, StatementError> {
    let mut terms = Vec::new();
    if !cursor.take_keyword("order") {
        return Ok(terms);
    }
    cursor.expect_keyword("by")?;
    loop {
        let attribute = written(&cursor.path()?);
        let descending = cursor.take_keyword("desc");
        if !descending {
            cursor.take_keyword("asc");
        }
        terms.push(OrderTerm { attribute, descending });
        if !cursor.take(",") {
            return Ok(terms);
        }
    }
}

/// A path as one name, which for a nested one is no attribute's.
fn written(path: &Path) -> String {
    let mut text = path.top_level_name().to_owned();
    for element in &path.elements()[1..] {
        match element {
            Element::Name(name) => {
                text.push('.');
                text.push_str(name);
            }
            Element::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

fn insert(cursor: &mut Cursor<'_>) -> Result<Insert, StatementError> {
    cursor.expect_keyword("into")?;
    let target = changed_table(cursor)?;
    cursor.expect_keyword("value")?;
    cursor.expect("{")?;
    let entries = cursor.nested(literal::entries)?;
    let mut item = ItemBuilder::new();
    for (name, value) in &entries {
        item.put(name, value);
    }
    let nesting_levels = literal::nesting_levels(&Value::M(entries)) - 1;
    Ok(Insert { target, item: item.build(), nesting_levels })
}

fn update(cursor: &mut Cursor<'_>) -> Result<UpdateStatement, StatementError> {
    let target = changed_table(cursor)?;
    let update = changes(cursor)?;
    let condition = where_clause::read(cursor)?;
    let returning = clauses::returning(cursor)?;
    Ok(UpdateStatement { target, update, condition, returning })
}

/// `FROM table WHERE … SET …`
fn update_from(cursor: &mut Cursor<'_>) -> Result<UpdateStatement, StatementError> {
    let target = changed_table(cursor)?;
    let condition = where_clause::read(cursor)?;
    let update = changes(cursor)?;
    let returning = clauses::returning(cursor)?;
    Ok(UpdateStatement { target, update, condition, returning })
}

fn delete(cursor: &mut Cursor<'_>) -> Result<DeleteStatement, StatementError> {
    cursor.expect_keyword("from")?;
    let target = changed_table(cursor)?;
    let condition = where_clause::read(cursor)?;
    let returning = clauses::returning(cursor)?;
    match returning {
        Some(other) if other != super::Returning::AllOld => {
            Err(StatementError::DeleteReturning(other.text()))
        }
        _ => Ok(DeleteStatement { target, condition, returning }),
    }
}

fn changed_table(cursor: &mut Cursor<'_>) -> Result<Target, StatementError> {
    let target = target(cursor)?;
    clauses::single_source(
        cursor,
        "FROM clause may only contain a single table name in data manipulation statements",
    )?;
    match target.index {
        Some(_) => Err(StatementError::Refused("This operation is not supported on an index")),
        None => Ok(target),
    }
}

/// SET and REMOVE, any number of them: one update.
fn changes(cursor: &mut Cursor<'_>) -> Result<Update, StatementError> {
    let mut actions = Vec::new();
    cursor.restart_operators();
    loop {
        if cursor.take_keyword("set") {
            actions.push(set_clause(cursor)?);
            while cursor.take(",") {
                actions.push(set_clause(cursor)?);
            }
        } else if cursor.take_keyword("remove") {
            actions.push(Action { path: cursor.path()?, change: Change::Remove });
        } else if actions.is_empty() {
            return Err(cursor.unexpected());
        } else {
            return Ok(Update::of_statement(actions)?);
        }
    }
}
