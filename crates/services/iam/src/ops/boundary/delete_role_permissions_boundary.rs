//! DeleteRolePermissionsBoundary: takes the limit from the policies of a role.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    DeleteRolePermissionsBoundary, DeleteRolePermissionsBoundaryInput, DeleteRolePermissionsBoundaryOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteRolePermissionsBoundary {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteRolePermissionsBoundaryInput> = Validation::MODEL;
    type Plan = DeleteRolePermissionsBoundaryInput;

    fn check(
        input: DeleteRolePermissionsBoundaryInput,
    ) -> Result<DeleteRolePermissionsBoundaryInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteRolePermissionsBoundaryInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteRolePermissionsBoundary", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DeleteRolePermissionsBoundaryInput,
    ) -> Result<DeleteRolePermissionsBoundaryOutput, ApiError> {
        service::change_entity(cx, Owner::Role, text(&input.role_name), |entity| {
            entity.boundary = None;
            Ok(DeleteRolePermissionsBoundaryOutput {})
        })
        .await
    }
}
