//! GetServiceLinkedRoleDeletionStatus: how the deletion of a service's role goes: it has succeeded.

use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    GetServiceLinkedRoleDeletionStatus, GetServiceLinkedRoleDeletionStatusInput,
    GetServiceLinkedRoleDeletionStatusOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetServiceLinkedRoleDeletionStatus {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetServiceLinkedRoleDeletionStatusInput> = Validation::MODEL;
    type Plan = GetServiceLinkedRoleDeletionStatusInput;

    fn check(
        input: GetServiceLinkedRoleDeletionStatusInput,
    ) -> Result<GetServiceLinkedRoleDeletionStatusInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &GetServiceLinkedRoleDeletionStatusInput) -> Access<'static> {
        service::need_arn("iam:GetServiceLinkedRoleDeletionStatus", "*")
    }

    async fn run(
        _: &Cx<'_, Iam>,
        input: GetServiceLinkedRoleDeletionStatusInput,
    ) -> Result<GetServiceLinkedRoleDeletionStatusOutput, ApiError> {
        let task = text(&input.deletion_task_id);
        if !task.starts_with("task/aws-service-role/") {
            return Err(errors::not_found("deletion task", task));
        }
        Ok(GetServiceLinkedRoleDeletionStatusOutput { status: Some("SUCCEEDED".to_owned()), reason: None })
    }
}
