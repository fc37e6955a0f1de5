//! The ARN of an import: `<ARN of the table>/import/<id>`.

use super::document::Import;
use crate::checks::table_name::Arn;
use crate::errors;
use crate::errors::codes;
use crate::newest_first::is_id;
use crate::service::{DynamoDb, scope_of};
use model::{ApiError, code};
use pipeline::{Access, Cx, Need};

/// An import as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportArn {
    text: String,
    region: String,
    account: String,
    table: String,
    id: String,
}

impl ImportArn {
    /// Reads an ARN.
    pub fn read(text: Option<String>) -> Result<ImportArn, ApiError> {
        let text = text.unwrap_or_default();
        let read = || {
            let (table, id) = text.split_once("/import/")?;
            let Arn { region, account, table, .. } = Arn::parse(table).filter(|_| is_id(id))?;
            Some([region, account, table, id].map(str::to_owned))
        };
        let invalid = || ApiError::validation("Invalid Import ARN");
        let [region, account, table, id] = read().ok_or_else(invalid)?;
        Ok(ImportArn { region, account, table, id, text })
    }

    /// The import, which must be of the caller's account and region.
    pub async fn find(&self, cx: &Cx<'_, DynamoDb>) -> Result<Import, ApiError> {
        let scope = scope_of(cx.caller);
        if *self.account != *scope.account {
            return Err(ApiError::new(code::ACCESS_DENIED, "Access is denied"));
        }
        let missing = || ApiError::new(codes::IMPORT_NOT_FOUND, format!("Import not found: {}", self.text));
        if *self.region != *scope.region {
            return Err(missing());
        }
        let found = cx.service.imports.get(&scope, &self.table, &self.id, cx.now_micros).await;
        found.map_err(|error| errors::record_error(&error))?.ok_or_else(missing)
    }

    /// An action on the import.
    pub fn access(&self, action: &'static str) -> Access<'static> {
        Need::new(action, self.text.clone()).into()
    }
}
