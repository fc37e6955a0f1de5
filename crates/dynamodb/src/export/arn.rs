//! The ARN of an export: `<ARN of the table>/export/<id>`.

use super::document::Export;
use crate::checks::table_name::Arn;
use crate::errors;
use crate::errors::codes;
use crate::newest_first::is_id;
use crate::service::{DynamoDb, scope_of};
use model::{ApiError, code};
use pipeline::{Access, Cx, Need};

/// An export as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportArn {
    text: String,
    region: String,
    account: String,
    table: String,
    id: String,
}

impl ExportArn {
    /// Reads an ARN.
    pub fn read(text: Option<String>) -> Result<ExportArn, ApiError> {
        let text = text.unwrap_or_default();
        let read = || {
            let (table, id) = text.split_once("/export/")?;
            let Arn { region, account, table, .. } = Arn::parse(table).filter(|_| is_id(id))?;
            Some([region, account, table, id].map(str::to_owned))
        };
        let invalid = || ApiError::validation("Invalid Export ARN");
        let [region, account, table, id] = read().ok_or_else(invalid)?;
        Ok(ExportArn { region, account, table, id, text })
    }

    /// The export, which must be of the caller's account and region.
    pub async fn find(&self, cx: &Cx<'_, DynamoDb>) -> Result<Export, ApiError> {
        let scope = scope_of(cx.caller);
        if *self.account != *scope.account {
            return Err(ApiError::new(code::ACCESS_DENIED, "Access is denied"));
        }
        if *self.region != *scope.region {
            return Err(ApiError::new(codes::EXPORT_NOT_FOUND, "Export not found: Invalid export arn"));
        }
        let found = cx.service.exports.get(&scope, &self.table, &self.id, cx.now_micros).await;
        let found = found.map_err(|error| errors::record_error(&error))?;
        found.ok_or_else(|| {
            let text = format!("Export not found: Export not found: {}", self.text);
            ApiError::new(codes::EXPORT_NOT_FOUND, text)
        })
    }

    /// An action on the export.
    pub fn access(&self, action: &'static str) -> Access<'static> {
        Need::new(action, self.text.clone()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let good = "arn:aws:dynamodb:eu-west-1:000000000000:table/abc/export/01700000000000-0123abcd";
        let read = |arn: &str| ExportArn::read(Some(arn.to_owned()));
        let arn = read(good).unwrap();
        assert_eq!((&*arn.table, &*arn.id, &*arn.region), ("abc", "01700000000000-0123abcd", "eu-west-1"));
        for wrong in ["abc", &good[..50], &good.replace("0123abcd", "0123ABCD"), &good.replace("/abc", "/a")]
        {
            assert_eq!(read(wrong).unwrap_err().message.as_deref(), Some("Invalid Export ARN"), "{wrong}");
        }
    }
}
