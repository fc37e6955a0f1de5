//! An action on items of a table or an index, with the condition keys that DynamoDB has for it. It refers to the plan;
//! nothing is computed before a policy reads it.
//!
//! A key that the request does not have is absent: leading keys of a Scan, `dynamodb:EnclosingOperation` outside of
//! transactions and batches of statements, `dynamodb:FullTableScan` everywhere but in a SELECT of PartiQL. Values are
//! texts: a number is its decimal form, binary is Base64.

use crate::capacity::Report;
use crate::checks::select::Select;
use crate::checks::table_ref::TableRef;
use crate::resource_policies;
use crate::service::DynamoDb;
use engine::{KeySchema, Returns, Table};
use expr::{Condition, KeyCondition, KeyTest, Projection, Update, partiql};
use pipeline::access::{ConditionKeys, Values, one, several};
use pipeline::{Access, Cx, Need};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::BTreeSet;
use types::{Item, ValueBuf, ValueRef};

/// What a caller must be allowed to do to items.
#[derive(Debug)]
pub struct ItemNeed<'a> {
    cx: &'a Cx<'a, DynamoDb>,
    action: &'static str,
    table: &'a TableRef,
    index: Option<&'a str>,
    named: SmallVec<[Named<'a>; 2]>,
    select: Option<&'static str>,
    return_values: Option<&'static str>,
    capacity: &'static str,
    enclosing_operation: Option<&'static str>,
    is_statement: bool,
}

/// A part of the request that names attributes.
#[derive(Debug)]
enum Named<'a> {
    /// An item, or the key of one.
    Item(&'a Item),
    /// The key condition of a Query.
    Key(&'a KeyCondition),
    Condition(&'a Condition),
    /// The WHERE clause of a statement.
    Clause(&'a Condition),
    Projection(&'a Projection),
    Update(&'a Update),
}

impl<'a> ItemNeed<'a> {
    /// An action on a table, in a request with this ReturnConsumedCapacity.
    pub fn new(
        cx: &'a Cx<'_, DynamoDb>,
        action: &'static str,
        table: &'a TableRef,
        capacity: Report,
    ) -> Self {
        ItemNeed {
            cx,
            action,
            table,
            index: None,
            named: SmallVec::new(),
            select: None,
            return_values: None,
            capacity: capacity.name(),
            enclosing_operation: None,
            is_statement: false,
        }
    }

    /// The index that is read in place of the table.
    pub fn index(self, index: Option<&'a str>) -> Self {
        ItemNeed { index, ..self }
    }

    /// An item that is addressed, by itself or by its key.
    pub fn item(mut self, item: &'a Item) -> Self {
        self.named.push(Named::Item(item));
        self
    }

    /// Items that are addressed.
    pub fn items(mut self, items: impl IntoIterator<Item = &'a Item>) -> Self {
        self.named.extend(items.into_iter().map(Named::Item));
        self
    }

    /// A key condition.
    pub fn key(mut self, key: Option<&'a KeyCondition>) -> Self {
        self.named.extend(key.map(Named::Key));
        self
    }

    /// A condition or a filter.
    pub fn condition(mut self, condition: Option<&'a Condition>) -> Self {
        self.named.extend(condition.map(Named::Condition));
        self
    }

    /// The WHERE clause of a statement: it names keys, or else a SELECT with it reads all there is.
    pub fn clause(mut self, condition: Option<&'a Condition>) -> Self {
        self.named.extend(condition.map(Named::Clause));
        ItemNeed { is_statement: true, ..self }
    }

    /// An update.
    pub fn update(mut self, update: Option<&'a Update>) -> Self {
        self.named.extend(update.map(Named::Update));
        self
    }

    /// What is returned of the items that are read: a projection, and Select, given or implied.
    pub fn select(mut self, select: Select, projection: Option<&'a Projection>) -> Self {
        self.select = Some(select.name(projection.is_some(), self.index.is_some()));
        if let Some(projection) = projection {
            self.named.push(Named::Projection(projection));
        }
        self
    }

    /// ReturnValues, given or implied.
    pub fn return_values(self, returns: Returns) -> Self {
        let name = match returns {
            Returns::Nothing => "NONE",
            Returns::AllOld => "ALL_OLD",
            Returns::AllNew => "ALL_NEW",
            Returns::UpdatedOld => "UPDATED_OLD",
            Returns::UpdatedNew => "UPDATED_NEW",
        };
        ItemNeed { return_values: Some(name), ..self }
    }

    /// The transaction that the action is a member of.
    pub fn within(self, operation: &'static str) -> Self {
        ItemNeed { enclosing_operation: Some(operation), ..self }
    }

    /// The values of the partition key's attribute at this place: `None` where the request is about no key. Where the
    /// table or index is not there, a key cannot be told from other attributes: then the value is empty, as none is, so
    /// that a condition on keys does not hold for a table that comes to be meanwhile.
    fn partition_key_values(&self, place: usize) -> Option<Values<'_>> {
        let names_keys =
            self.named.iter().any(|named| matches!(named, Named::Item(_) | Named::Key(_) | Named::Clause(_)));
        let unknown = || (names_keys && place == 0).then(|| one(""));
        let Some(table) = self.table.look_up(self.cx) else { return unknown() };
        let Some(key) = self.key_of(&table) else { return unknown() };
        let attribute = key.hash.get(place)?;
        let mut values = Values::new();
        self.named.iter().for_each(|named| named.add_values(&attribute.name, &mut values));
        Some(values).filter(|values| !values.is_empty())
    }

    /// The key of what is read; `None` where there is no such index.
    fn key_of<'t>(&self, table: &'t Table) -> Option<&'t KeySchema> {
        match self.index {
            Some(name) => table.index(name).map(|(_, index)| &index.key),
            None => Some(&table.key),
        }
    }

    /// Whether a SELECT reads all of a table or index; of what is not there none can tell.
    fn is_full_scan(&self) -> Option<bool> {
        if !self.is_statement || self.select.is_none() {
            return None;
        }
        let table = self.table.look_up(self.cx)?;
        let hash = self.key_of(&table)?.hash.first()?;
        let is_keyed = self.named.iter().any(|named| match named {
            Named::Clause(condition) => partiql::partitions(condition, &hash.name).is_some(),
            _ => false,
        });
        Some(!is_keyed)
    }

    /// The top-level attributes that the request names.
    fn attributes(&self) -> Option<Values<'_>> {
        let mut names = BTreeSet::new();
        self.named.iter().for_each(|named| named.add_names(&mut names));
        Some(several(names)).filter(|names| !names.is_empty())
    }
}

impl<'a> Named<'a> {
    /// The values that an attribute of a key must have for the request to be about an item.
    fn add_values(&self, attribute: &str, values: &mut Values<'a>) {
        match *self {
            Named::Item(item) => {
                if let Some(value) = item.get(attribute).and_then(text) {
                    values.push(value);
                }
            }
            Named::Key(key) => {
                let clause = key.clauses().iter().find(|clause| clause.name == attribute);
                if let Some(KeyTest::Eq(value)) = clause.map(|clause| &clause.test) {
                    values.extend(text(value.as_ref()));
                }
            }
            Named::Clause(condition) => {
                let named = partiql::partitions(condition, attribute).unwrap_or_default();
                let text = |value: &ValueBuf| text(value.as_ref()).map(|text| text.into_owned().into());
                values.extend(named.iter().filter_map(text));
            }
            Named::Condition(_) | Named::Projection(_) | Named::Update(_) => {}
        }
    }

    fn add_names(&self, names: &mut BTreeSet<&'a str>) {
        match *self {
            Named::Item(item) => names.extend(item.as_ref().iter().map(|(name, _)| name)),
            Named::Key(key) => names.extend(key.clauses().iter().map(|clause| clause.name.as_str())),
            Named::Condition(condition) | Named::Clause(condition) => {
                condition.visit_paths(&mut |path| _ = names.insert(path.top_level_name()));
            }
            Named::Projection(projection) => names.extend(projection.top_level_names()),
            Named::Update(update) => update.visit_paths(&mut |path| _ = names.insert(path.top_level_name())),
        }
    }
}

/// The value of the first attribute of the partition key, as policies compare it.
pub fn key_text<'i>(table: &Table, item: &'i Item) -> Option<Cow<'i, str>> {
    text(item.get(&table.key.hash.first()?.name)?)
}

/// A value of a key, as policies compare it; `None` for what no key has.
fn text(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    match value {
        ValueRef::S(text) => Some(text.into()),
        ValueRef::N(number) => Some(number.to_string().into()),
        ValueRef::B(bytes) => Some(wire::json::base64_text(bytes).into()),
        _ => None,
    }
}

impl ConditionKeys for ItemNeed<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "dynamodb:leadingkeys" | "dynamodb:firstpartitionkeyvalues" => self.partition_key_values(0),
            "dynamodb:secondpartitionkeyvalues" => self.partition_key_values(1),
            "dynamodb:thirdpartitionkeyvalues" => self.partition_key_values(2),
            "dynamodb:fourthpartitionkeyvalues" => self.partition_key_values(3),
            "dynamodb:attributes" => self.attributes(),
            "dynamodb:select" => self.select.map(one),
            "dynamodb:returnvalues" => self.return_values.map(one),
            "dynamodb:returnconsumedcapacity" => Some(one(self.capacity)),
            "dynamodb:enclosingoperation" => self.enclosing_operation.map(one),
            "dynamodb:fulltablescan" => self.is_full_scan().map(|is_full| one(is_full.to_string())),
            key => {
                let tag = key.strip_prefix("aws:resourcetag/")?;
                let table = self.table.look_up(self.cx)?;
                let (_, value) = table.settings.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag))?;
                Some(one(value.clone()))
            }
        }
    }
}

impl<'a> From<ItemNeed<'a>> for Need<'a> {
    fn from(need: ItemNeed<'a>) -> Self {
        let (cx, table) = (need.cx, need.table);
        let resource = table.resource(cx.caller, need.index);
        let of_items = Need::on(need.action, resource).with_condition_keys(need).shared();
        resource_policies::beside(cx, table, of_items)
    }
}

impl<'a> From<ItemNeed<'a>> for Access<'a> {
    fn from(need: ItemNeed<'a>) -> Self {
        Need::from(need).into()
    }
}
