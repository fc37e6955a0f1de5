//! DeleteServiceLinkedRole: deletes the role of a service; the task that it is on AWS has ended when the answer comes.

use crate::account::{Owner, folded};
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteServiceLinkedRole, DeleteServiceLinkedRoleInput, DeleteServiceLinkedRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteServiceLinkedRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteServiceLinkedRoleInput> = Validation::MODEL;
    type Plan = DeleteServiceLinkedRoleInput;

    fn check(input: DeleteServiceLinkedRoleInput) -> Result<DeleteServiceLinkedRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteServiceLinkedRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteServiceLinkedRole", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DeleteServiceLinkedRoleInput,
    ) -> Result<DeleteServiceLinkedRoleOutput, ApiError> {
        let name = text(&input.role_name);
        let task = cx.random.uuid();
        service::change(cx, |account| {
            let role = account.role(name)?;
            let service = role.service.clone().ok_or_else(|| errors::not_linked(name))?;
            account.roles.remove(&folded(name));
            let deletion_task_id = Some(format!("task/aws-service-role/{service}/{name}/{task}"));
            Ok(DeleteServiceLinkedRoleOutput { deletion_task_id })
        })
        .await
    }
}
