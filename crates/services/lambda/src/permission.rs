//! The policy of a function: who may invoke it from elsewhere, a statement each. Kept and shown as deploy tools expect;
//! what is in this account needs none.

use crate::errors;
use crate::name::Arn;
use model::ApiError;
use model::lambda::AddPermissionInput;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The statements of one resource.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Policy {
    /// Changes with every change.
    pub revision_id: String,
    /// In the order in which they were added.
    pub statements: Vec<Statement>,
}

/// Who may do what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Statement {
    /// Its name.
    pub sid: String,
    principal: String,
    action: String,
    resource: String,
    #[serde(default)]
    source_arn: Option<String>,
    #[serde(default)]
    source_account: Option<String>,
    #[serde(default)]
    organization: Option<String>,
}

/// Services, accounts and principals; `*` is everybody.
pub(crate) fn check_principal(principal: &str) -> Result<(), ApiError> {
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let is_known =
        principal == "*" || is_account || principal.starts_with("arn:aws:") || principal.contains('.');
    if is_known { Ok(()) } else { Err(errors::invalid_principal()) }
}

impl Policy {
    /// Refuses a change of another revision than this one.
    pub(crate) fn check_revision(&self, given: Option<&str>) -> Result<(), ApiError> {
        match given.is_none_or(|given| given == self.revision_id) {
            true => Ok(()),
            false => Err(errors::other_policy_revision()),
        }
    }

    pub(crate) fn json(&self) -> String {
        let statements: Vec<Value> = self.statements.iter().map(Statement::json).collect();
        json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
    }
}

impl Statement {
    pub(crate) fn of(input: &AddPermissionInput, arn: &Arn) -> Self {
        Statement {
            sid: input.statement_id.clone().unwrap_or_default(),
            principal: input.principal.clone().unwrap_or_default(),
            action: input.action.clone().unwrap_or_default(),
            resource: arn.to_string(),
            source_arn: input.source_arn.clone(),
            source_account: input.source_account.clone(),
            organization: input.principal_org_id.clone(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let mut statement = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": self.shown_principal(),
            "Action": self.action,
            "Resource": self.resource,
        });
        let conditions = self.conditions();
        if !conditions.is_empty() {
            statement["Condition"] = Value::Object(conditions);
        }
        statement
    }

    fn shown_principal(&self) -> Value {
        let principal = &self.principal;
        if principal == "*" {
            return json!("*");
        }
        if principal.bytes().all(|byte| byte.is_ascii_digit()) {
            return json!({ "AWS": format!("arn:aws:iam::{principal}:root") });
        }
        if principal.starts_with("arn:") {
            json!({ "AWS": principal })
        } else {
            json!({ "Service": principal })
        }
    }

    fn conditions(&self) -> Map<String, Value> {
        let mut conditions = Map::new();
        if let Some(account) = &self.source_account {
            conditions.insert("StringEquals".to_owned(), json!({ "AWS:SourceAccount": account }));
        }
        if let Some(organization) = &self.organization {
            let equal = conditions.entry("StringEquals").or_insert_with(|| json!({}));
            equal["aws:PrincipalOrgID"] = json!(organization);
        }
        if let Some(source) = &self.source_arn {
            conditions.insert("ArnLike".to_owned(), json!({ "AWS:SourceArn": source }));
        }
        conditions
    }
}
