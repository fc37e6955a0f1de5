//! The ARN of a transfer: `<ARN of the table>/<name of its kind>/<id>`.

use super::Transfer;
use super::id::is_id;
use crate::checks::table_name::Arn;
use crate::errors;
use crate::service::{DynamoDb, scope_of};
use model::{ApiError, code};
use pipeline::{Access, Cx, Need};
use std::marker::PhantomData;

/// A transfer as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferArn<T> {
    text: String,
    region: String,
    account: String,
    table: String,
    id: String,
    of: PhantomData<fn() -> T>,
}

impl<T: Transfer> TransferArn<T> {
    /// Reads an ARN.
    pub fn read(text: Option<String>) -> Result<Self, ApiError> {
        let text = text.unwrap_or_default();
        let read = || {
            let (table, id) = text.rsplit_once('/')?;
            let table = table.strip_suffix(T::NAME)?.strip_suffix('/')?;
            let Arn { region, account, table, .. } = Arn::parse(table).filter(|_| is_id(id))?;
            Some([region, account, table, id].map(str::to_owned))
        };
        let [region, account, table, id] = read().ok_or_else(T::no_arn)?;
        Ok(TransferArn { region, account, table, id, text, of: PhantomData })
    }

    /// As it was sent.
    pub fn as_sent(&self) -> &str {
        &self.text
    }

    /// The transfer, which must be of the caller's account and region.
    pub async fn find(&self, cx: &Cx<'_, DynamoDb>) -> Result<T, ApiError> {
        let scope = scope_of(cx.caller);
        if *self.account != *scope.account {
            return Err(ApiError::new(code::ACCESS_DENIED, "Access is denied"));
        }
        if *self.region != *scope.region {
            return Err(T::elsewhere(self));
        }
        let found = T::documents(cx.service).get(&scope, &self.table, &self.id, cx.now_micros).await;
        found.map_err(|error| errors::record_error(&error))?.ok_or_else(|| T::not_found(self))
    }

    /// An action on the transfer.
    pub fn access(&self, action: &'static str) -> Access<'static> {
        Need::new(action, self.text.clone()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Export;

    #[test]
    fn arns() {
        let good = "arn:aws:dynamodb:eu-west-1:000000000000:table/abc/export/01700000000000-0123abcd";
        let read = |arn: &str| TransferArn::<Export>::read(Some(arn.to_owned()));
        let arn = read(good).unwrap();
        assert_eq!((&*arn.table, &*arn.id, &*arn.region), ("abc", "01700000000000-0123abcd", "eu-west-1"));
        let others = good.replace("/export/", "/import/");
        for wrong in
            ["abc", &good[..50], &good.replace("0123abcd", "0123ABCD"), &good.replace("/abc", "/a"), &others]
        {
            assert_eq!(read(wrong).unwrap_err().message.as_deref(), Some("Invalid Export ARN"), "{wrong}");
        }
    }
}
