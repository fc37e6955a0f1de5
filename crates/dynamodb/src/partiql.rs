//! PartiQL's statements on this service: they become the same plans, reads and writes as the operations that have
//! expressions. A statement by itself is `expr::partiql`'s matter.

mod next_token;
mod project;
mod read;
mod write;

pub use next_token::NextToken;
pub use project::project;
pub use read::Reader;
pub use write::{Answer, bind, write_each, write_one};

use crate::access::ItemNeed;
use crate::capacity::Report;
use crate::checks::attribute_values as values;
use crate::checks::select::Select;
use crate::checks::table_ref::TableRef;
use crate::errors::{self, Layer};
use crate::service::DynamoDb;
use engine::{ItemKey, KeySchema, Returns, Table};
use expr::partiql::{self, Returning, Statement};
use expr::{Condition, Projection};
use model::ApiError;
use pipeline::{Cx, Need};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use stdx::limits::ITEM_SIZE_BYTES_MAX;
use types::Item;
use wire::attribute::AttributeValue;

/// Statements judge values as the older layer does.
const LAYER: Layer = Layer::Older;

/// A statement that is read, and what it is about.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The statement with its parameters.
    pub statement: Statement,
    /// Its table.
    pub table: TableRef,
    /// A digest of text and parameters.
    pub fingerprint: [u8; 32],
    /// The attributes that a SELECT names.
    projection: Option<Projection>,
}

impl Prepared {
    /// Refuses, in this order: values of parameters, the statement, what its item is by itself.
    pub fn of(text: &str, parameters: Option<Vec<AttributeValue>>) -> Result<Prepared, ApiError> {
        let parameters = parameters.unwrap_or_default();
        for parameter in &parameters {
            values::depth(parameter.nesting_levels, LAYER)?;
            values::refuse_empty_name(parameter.has_empty_name, LAYER)?;
            values::value(parameter, LAYER)?;
        }
        let parameters: Vec<_> = parameters.into_iter().map(|parameter| parameter.value).collect();
        let statement = partiql::parse(text, &parameters).map_err(|error| LAYER.refuse(error))?;
        if let Statement::Insert(insert) = &statement {
            values::depth(insert.nesting_levels, LAYER)?;
            if insert.item.exceeds(ITEM_SIZE_BYTES_MAX) {
                return Err(errors::item_too_large());
            }
        }
        let mut hash = Sha256::new();
        for part in std::iter::once(text.as_bytes()).chain(parameters.iter().map(|value| value.as_bytes())) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let projection = match &statement {
            Statement::Select(select) | Statement::Exists(select) => select.paths.as_ref(),
            _ => None,
        };
        let names =
            projection.map(|paths| Projection::of_names(paths.iter().map(expr::Path::top_level_name)));
        let table = TableRef::of(Some(statement.target().table.clone()));
        Ok(Prepared { statement, table, fingerprint: hash.finalize().into(), projection: names })
    }

    /// The same outside of transactions, where there is no EXISTS.
    pub fn outside(text: &str, parameters: Option<Vec<AttributeValue>>) -> Result<Prepared, ApiError> {
        let prepared = Prepared::of(text, parameters)?;
        match prepared.statement {
            Statement::Exists(_) => Err(ApiError::validation(errors::EXISTS_OUTSIDE)),
            _ => Ok(prepared),
        }
    }

    /// The table, which has a key that statements can name.
    pub async fn resolve(&self, cx: &Cx<'_, DynamoDb>) -> Result<Arc<Table>, ApiError> {
        let table = self.table.resolve(cx).await?;
        let has_several = |key: &KeySchema| key.hash.len() > 1 || key.range.len() > 1;
        match has_several(&table.key) || table.indexes.iter().any(|index| has_several(&index.key)) {
            true => Err(ApiError::validation(errors::MULTI_ATTRIBUTE_KEYS)),
            false => Ok(table),
        }
    }

    /// What the caller must be allowed to do, within an operation of several statements.
    pub fn need<'a>(
        &'a self,
        cx: &'a Cx<'_, DynamoDb>,
        capacity: Report,
        within: Option<&'static str>,
    ) -> Need<'a> {
        let of = |action| {
            let need = ItemNeed::new(cx, action, &self.table, capacity);
            match within {
                Some(operation) => need.within(operation),
                None => need,
            }
        };
        match &self.statement {
            Statement::Select(select) => of("dynamodb:PartiQLSelect")
                .index(select.target.index.as_deref())
                .clause(select.condition.as_ref())
                .select(Select::Implied, self.projection.as_ref()),
            Statement::Exists(select) => of("dynamodb:ConditionCheckItem").clause(select.condition.as_ref()),
            Statement::Insert(insert) => {
                of("dynamodb:PartiQLInsert").item(&insert.item).return_values(Returns::Nothing)
            }
            Statement::Update(update) => of("dynamodb:PartiQLUpdate")
                .clause(update.condition.as_ref())
                .update(Some(&update.update))
                .return_values(returns(update.returning)),
            Statement::Delete(delete) => of("dynamodb:PartiQLDelete")
                .clause(delete.condition.as_ref())
                .return_values(returns(delete.returning)),
        }
        .into()
    }

    /// The key of the one item that the WHERE clause names, and what else it demands.
    pub fn item_key(&self, table: &Table) -> Result<(Item, Option<Condition>), ApiError> {
        let condition = match &self.statement {
            Statement::Select(select) | Statement::Exists(select) => &select.condition,
            Statement::Update(update) => &update.condition,
            Statement::Delete(delete) => &delete.condition,
            Statement::Insert(insert) => return Ok((insert.item.clone(), None)),
        };
        write::item_key(condition.clone(), table)
    }
}

/// Whether all are reads, or all are not.
pub fn are_of_one_kind<'p>(mut statements: impl Iterator<Item = &'p Prepared>) -> bool {
    let Some(first) = statements.next() else { return true };
    statements.all(|one| one.statement.is_read() == first.statement.is_read())
}

/// Where the one item is that a statement names; `None` where it names none, or an index.
pub fn item_place(prepared: &Prepared, table: &Table) -> Option<ItemKey> {
    let (item, _) = prepared.item_key(table).ok()?;
    match &prepared.statement {
        Statement::Insert(_) => ItemKey::of(table, &item).ok(),
        other if other.target().index.is_some() => None,
        _ => ItemKey::exact(table, &item).ok(),
    }
}

/// The secret of tokens, which all servers of a store share.
pub async fn next_token_secret(cx: &Cx<'_, DynamoDb>) -> Result<[u8; 32], ApiError> {
    cx.service.engine.secret(next_token::SECRET).await.map_err(|error| errors::store_error(&error))
}

/// RETURNING as other writes have it.
pub fn returns(returning: Option<Returning>) -> Returns {
    match returning {
        None => Returns::Nothing,
        Some(Returning::AllOld) => Returns::AllOld,
        Some(Returning::AllNew) => Returns::AllNew,
        Some(Returning::ModifiedOld) => Returns::UpdatedOld,
        Some(Returning::ModifiedNew) => Returns::UpdatedNew,
    }
}
