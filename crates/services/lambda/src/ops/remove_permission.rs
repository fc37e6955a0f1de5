//! RemovePermission: takes a statement out of a policy.

use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{RemovePermission, RemovePermissionInput, RemovePermissionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for RemovePermission {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RemovePermissionInput> = Validation::MODEL;
    type Plan = RemovePermissionInput;

    fn check(input: RemovePermissionInput) -> Result<RemovePermissionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a RemovePermissionInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:RemovePermission", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: RemovePermissionInput,
    ) -> Result<RemovePermissionOutput, ApiError> {
        let functions = &cx.service.functions;
        let (arn, revision) = (named(cx, &input)?, functions.draw_uuid());
        let sid = input.statement_id.as_deref().unwrap_or_default();
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            let qualifier = arn.qualifier.clone().unwrap_or_default();
            let policy =
                function.policies.get_mut(&qualifier).ok_or_else(errors::no_policy_to_remove_from)?;
            policy.check_revision(input.revision_id.as_deref())?;
            let before = policy.statements.len();
            policy.statements.retain(|statement| statement.sid != sid);
            if policy.statements.len() == before {
                return Err(errors::no_such_statement(sid));
            }
            policy.revision_id.clone_from(&revision);
            if policy.statements.is_empty() {
                function.policies.remove(&qualifier);
            }
            Ok((Some(function), ()))
        };
        functions.change(&arn, change).await?;
        Ok(RemovePermissionOutput {})
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &RemovePermissionInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}
