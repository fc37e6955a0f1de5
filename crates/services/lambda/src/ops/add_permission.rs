//! AddPermission: a statement of the policy of a function, or of a version or alias of it.

use crate::errors;
use crate::function::Function;
use crate::name::{Arn, LATEST};
use crate::permission::{self, Statement};
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{AddPermission, AddPermissionInput, AddPermissionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for AddPermission {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AddPermissionInput> = Validation::MODEL;
    type Plan = AddPermissionInput;

    fn check(input: AddPermissionInput) -> Result<AddPermissionInput, ApiError> {
        permission::check_principal(input.principal.as_deref().unwrap_or_default())?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a AddPermissionInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:AddPermission", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: AddPermissionInput) -> Result<AddPermissionOutput, ApiError> {
        let functions = &cx.service.functions;
        let (arn, revision) = (named(cx, &input)?, functions.draw_uuid());
        if arn.qualifier.as_deref() == Some(LATEST) {
            return Err(errors::no_policies_of_latest());
        }
        let statement = Statement::of(&input, &arn);
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            let policy = function.policies.entry(arn.qualifier.clone().unwrap_or_default()).or_default();
            policy.check_revision(input.revision_id.as_deref())?;
            if policy.statements.iter().any(|known| known.sid == statement.sid) {
                return Err(errors::statement_exists(&statement.sid));
            }
            policy.statements.push(statement.clone());
            policy.revision_id.clone_from(&revision);
            Ok((Some(function), ()))
        };
        functions.change(&arn, change).await?;
        Ok(AddPermissionOutput { statement: Some(statement.json().to_string()) })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &AddPermissionInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}
