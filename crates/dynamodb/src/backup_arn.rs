//! The ARN of a backup: `<ARN of the table>/backup/<id>`.

use crate::checks::table_name::Arn;
use crate::errors;
use crate::service::{DynamoDb, scope_of};
use engine::{Backup, Scope};
use model::{ApiError, code};
use pipeline::{Access, Cx, Need};

/// A backup as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupArn {
    /// The whole ARN.
    pub text: String,
    /// The region in it.
    pub region: String,
    account: String,
    table: String,
    id: String,
}

impl BackupArn {
    /// Reads an ARN.
    pub fn read(text: Option<String>) -> Result<BackupArn, ApiError> {
        let text = text.unwrap_or_default();
        let (table, id) = text.split_once("/backup/").ok_or_else(invalid)?;
        let mut parts = table.splitn(4, ':');
        let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
        if arn != Some("arn") || parts.next().is_none() {
            return Err(invalid());
        }
        if partition != Some("aws") || service != Some("dynamodb") {
            return Err(ApiError::validation("Invalid Request: BackupArn is not valid"));
        }
        let Some(Arn { region, account, table, .. }) = Arn::parse(table).filter(|_| is_id(id)) else {
            return Err(invalid());
        };
        let [region, account, table, id] = [region, account, table, id].map(str::to_owned);
        Ok(BackupArn { region, account, table, id, text })
    }

    /// The backup, which must be of the caller's account. The region in the ARN is ignored.
    pub async fn find(&self, cx: &Cx<'_, DynamoDb>) -> Result<Backup, ApiError> {
        self.find_in(cx, scope_of(cx.caller)).await
    }

    /// The same in the region of the ARN: for restores into another one.
    pub async fn find_where_it_is(&self, cx: &Cx<'_, DynamoDb>) -> Result<Backup, ApiError> {
        let scope = Scope { region: self.region.as_str().into(), ..scope_of(cx.caller) };
        self.find_in(cx, scope).await
    }

    async fn find_in(&self, cx: &Cx<'_, DynamoDb>, scope: Scope) -> Result<Backup, ApiError> {
        if *self.account != *scope.account {
            return Err(ApiError::new(code::ACCESS_DENIED, "Access is denied"));
        }
        let found = cx.service.engine.backup(&scope, &self.table, &self.id).await;
        let found = found.map_err(|error| errors::store_error(&error))?;
        found.ok_or_else(|| errors::backup_not_found(&self.text))
    }

    /// Where lists of backups have it: its id and the name of its table.
    pub fn place(&self) -> (String, String) {
        (self.id.clone(), self.table.clone())
    }

    /// An action on the backup.
    pub fn access(&self, action: &'static str) -> Access<'static> {
        Need::new(action, self.text.clone()).into()
    }
}

/// The ARN of a backup.
pub fn of(backup: &Backup) -> String {
    format!("{}/backup/{}", backup.table.arn(), backup.id)
}

fn is_id(id: &str) -> bool {
    id.split_once('-').is_some_and(|(time, rest)| {
        time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit()) && is_hexadecimal(rest)
    })
}

fn is_hexadecimal(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn invalid() -> ApiError {
    ApiError::validation("Invalid Backup ARN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let good = "arn:aws:dynamodb:eu-west-1:000000000000:table/abc/backup/01700000000000-0123abcd";
        let read = |arn: &str| BackupArn::read(Some(arn.to_owned()));
        let arn = read(good).unwrap();
        assert_eq!((&*arn.table, &*arn.id, &*arn.region), ("abc", "01700000000000-0123abcd", "eu-west-1"));
        for (wrong, text) in [
            ("abc", "Invalid Backup ARN"),
            (&good[..50], "Invalid Backup ARN"),
            (&good.replace("0123abcd", "0123ABCD"), "Invalid Backup ARN"),
            (&good.replace("/abc", "/a"), "Invalid Backup ARN"),
            (&good.replace("arn:", "x:"), "Invalid Backup ARN"),
            (&good.replace("arn:aws:", "arn:aws-cn:"), "Invalid Request: BackupArn is not valid"),
            (&good.replace("dynamodb", "s3"), "Invalid Request: BackupArn is not valid"),
        ] {
            assert_eq!(read(wrong).unwrap_err().message.as_deref(), Some(text), "{wrong}");
        }
    }
}
