//! The table that a request means: a name, or an ARN in its place, taken apart once. Does not judge the name.

use crate::capacity;
use crate::checks::table_name::Arn;
use crate::errors;
use crate::service::{DynamoDb, scope_of};
use engine::{Scope, Table};
use model::ApiError;
use pipeline::access::Resource;
use pipeline::{Caller, Cx};
use std::ops::Range;
use std::sync::Arc;

/// The partition that every table is in.
const PARTITION: &str = "aws";
/// The service in the ARN of a table, and what stands before the names of the table and of an index.
const SERVICE: &str = "dynamodb";
const TABLE: &str = "table/";
const INDEX: &str = "/index/";

/// A table as a request names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRef {
    sent: String,
    arn: Option<ArnParts>,
}

/// Where the parts of an ARN are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ArnParts {
    partition: Range<usize>,
    region: Range<usize>,
    account: Range<usize>,
    name: Range<usize>,
}

impl ArnParts {
    fn of(text: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        let place = |part: &str| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        Some(ArnParts {
            partition: place(arn.partition),
            region: place(arn.region),
            account: place(arn.account),
            name: place(arn.table),
        })
    }
}

impl TableRef {
    /// What TableName means. A missing one means the empty name, which is no table's.
    pub fn of(name_or_arn: Option<String>) -> Self {
        let sent = name_or_arn.unwrap_or_default();
        let arn = ArnParts::of(&sent);
        TableRef { sent, arn }
    }

    /// The name or ARN as the request has it, which is how answers repeat it.
    pub fn as_sent(&self) -> &str {
        &self.sent
    }

    /// The same, for an answer that keeps it.
    pub fn into_sent(self) -> String {
        self.sent
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        self.arn.as_ref().map_or(&self.sent, |arn| &self.sent[arn.name.clone()])
    }

    /// The table's ARN; a name is that of a table of the caller's.
    pub fn arn(&self, caller: &Caller) -> String {
        match &self.arn {
            Some(_) => self.sent.clone(),
            None => self.resource(caller, None).into_text(),
        }
    }

    /// The table, or an index of it, as what a caller needs a right on.
    pub fn resource<'a>(&self, caller: &'a Caller, index: Option<&str>) -> Resource<'a> {
        let before = if self.arn.is_some() { "" } else { TABLE };
        let (infix, index) = index.map_or(("", ""), |index| (INDEX, index));
        // Of every request whose caller has policies: made in one piece.
        let mut path = String::with_capacity(before.len() + self.sent.len() + infix.len() + index.len());
        [before, &self.sent, infix, index].iter().for_each(|part| path.push_str(part));
        match self.arn {
            Some(_) => Resource::Text(path),
            None => {
                let (region, account) = (&*caller.region, &*caller.account);
                Resource::Parts { service: SERVICE, region, account, path }
            }
        }
    }

    /// The table, which must be of the caller's account: the control plane takes no other.
    pub async fn find(&self, cx: &Cx<'_, DynamoDb>) -> Result<Option<Arc<Table>>, ApiError> {
        let is_foreign = |arn: &ArnParts| self.sent[arn.account.clone()] != *cx.caller.account;
        if self.arn.as_ref().is_some_and(is_foreign) {
            return Err(errors::foreign_resource());
        }
        self.find_in(cx, scope_of(cx.caller)).await
    }

    async fn find_in(&self, cx: &Cx<'_, DynamoDb>, scope: Scope) -> Result<Option<Arc<Table>>, ApiError> {
        self.check_arn(&scope)?;
        let table = match self.is_outside(&scope) {
            true => None,
            false => cx
                .service
                .engine
                .find_table(&scope, self.name())
                .await
                .map_err(|e| errors::store_error(&e))?,
        };
        let table = table.filter(|table| !table.settings.is_leaving());
        match &table {
            Some(table) => capacity::note_table(cx, table),
            None => self.hint_at_other_region(cx),
        }
        Ok(table)
    }

    /// The same without a trace in figures and log, and only if it is known here.
    pub fn look_up(&self, cx: &Cx<'_, DynamoDb>) -> Option<Arc<Table>> {
        let scope = self.scope_of_items(cx);
        let is_there = |table: &Arc<Table>| !table.settings.is_leaving();
        if self.is_outside(&scope) {
            return None;
        }
        cx.service.engine.table(&scope, self.name()).filter(is_there)
    }

    /// The same for operations on items, which do not name the table that is missing. One that is being created is
    /// not there yet.
    pub async fn resolve(&self, cx: &Cx<'_, DynamoDb>) -> Result<Arc<Table>, ApiError> {
        let table = self.find_in(cx, self.scope_of_items(cx)).await?;
        let table = table.filter(|table| !table.settings.is_creating(cx.now_micros));
        table.ok_or_else(errors::table_not_found)
    }

    /// The same for several tables, in order.
    pub async fn resolve_each(
        cx: &Cx<'_, DynamoDb>,
        tables: impl Iterator<Item = &TableRef>,
    ) -> Vec<Result<Arc<Table>, ApiError>> {
        let mut resolved = Vec::with_capacity(tables.size_hint().0);
        for table in tables {
            resolved.push(table.resolve(cx).await);
        }
        resolved
    }

    /// Where the items of the table are looked for: an ARN of another account leads there once any table has a policy,
    /// since the rights of every caller are asked for from then on.
    fn scope_of_items(&self, cx: &Cx<'_, DynamoDb>) -> Scope {
        let own = scope_of(cx.caller);
        let account = self.arn.as_ref().map(|arn| &self.sent[arn.account.clone()]);
        match account {
            Some(account) if *account != *own.account && cx.service.policies.were_there(cx.now_micros) => {
                Scope { account: account.into(), ..own }
            }
            _ => own,
        }
    }

    /// An ARN of another partition or region is refused for that, before its table is looked for.
    fn check_arn(&self, scope: &Scope) -> Result<(), ApiError> {
        let Some(arn) = &self.arn else { return Ok(()) };
        if self.sent[arn.partition.clone()] != *PARTITION {
            return Err(errors::elsewhere("AWS partition", &self.sent));
        }
        match self.sent[arn.region.clone()] == *scope.region {
            true => Ok(()),
            false => Err(errors::elsewhere("AWS region", &self.sent)),
        }
    }

    fn is_outside(&self, scope: &Scope) -> bool {
        let part = |range: &Range<usize>| &self.sent[range.clone()];
        let own =
            |arn: &ArnParts| part(&arn.region) == &*scope.region && part(&arn.account) == &*scope.account;
        self.arn.as_ref().is_some_and(|arn| !own(arn))
    }

    /// The commonest reason why a table "is not there" is another region in the client: the log has a hint, the answer
    /// is DynamoDB's. Tables of other accounts are not mentioned.
    #[cold]
    fn hint_at_other_region(&self, cx: &Cx<'_, DynamoDb>) {
        let scope = scope_of(cx.caller);
        if self.is_outside(&scope) {
            return;
        }
        if let Some(other) = cx.service.engine.find_in_another_region(&scope, self.name()) {
            tracing::info!(
                table = self.name(),
                account = &*scope.account,
                "no such table in region {}, but there is one in region {}",
                scope.region,
                other.region
            );
        }
    }
}

/// The table behind a name or an ARN that is used once.
pub async fn find_table(cx: &Cx<'_, DynamoDb>, name_or_arn: &str) -> Result<Option<Arc<Table>>, ApiError> {
    TableRef::of(Some(name_or_arn.to_owned())).find(cx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_an_arn_is_taken_apart() {
        let caller = Caller::of_key("123456789012", "here");
        let of = |text: &str| TableRef::of(Some(text.to_owned()));
        let name = of("abc");
        assert_eq!((name.as_sent(), name.name()), ("abc", "abc"));
        assert_eq!(name.arn(&caller), format!("arn:aws:dynamodb:here:{}:table/abc", caller.account));
        let text = "arn:aws:dynamodb:there:000000000001:table/abc";
        let arn = of(text);
        assert_eq!((arn.as_sent(), arn.name(), arn.arn(&caller).as_str()), (text, "abc", text));
        for of in [&name, &arn] {
            assert_eq!(of.resource(&caller, None).to_string(), of.arn(&caller));
            let of_index = of.resource(&caller, Some("i")).to_string();
            assert_eq!(of_index, format!("{}/index/i", of.arn(&caller)));
        }
        let scope = |region: &str, account: &str| Scope { region: region.into(), account: account.into() };
        assert!(!arn.is_outside(&scope("there", "000000000001")));
        assert!(arn.is_outside(&scope("there", "000000000002")));
        assert!(arn.is_outside(&scope("here", "000000000001")));
        assert!(!name.is_outside(&scope("here", "000000000001")));
        assert_eq!(TableRef::of(None).name(), "");
    }
}
