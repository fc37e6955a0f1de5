//! DeleteUserPermissionsBoundary: takes the limit from the policies of a user.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    DeleteUserPermissionsBoundary, DeleteUserPermissionsBoundaryInput, DeleteUserPermissionsBoundaryOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteUserPermissionsBoundary {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteUserPermissionsBoundaryInput> = Validation::MODEL;
    type Plan = DeleteUserPermissionsBoundaryInput;

    fn check(
        input: DeleteUserPermissionsBoundaryInput,
    ) -> Result<DeleteUserPermissionsBoundaryInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteUserPermissionsBoundaryInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteUserPermissionsBoundary", Owner::User, text(&input.user_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DeleteUserPermissionsBoundaryInput,
    ) -> Result<DeleteUserPermissionsBoundaryOutput, ApiError> {
        service::change_entity(cx, Owner::User, text(&input.user_name), |entity| {
            entity.boundary = None;
            Ok(DeleteUserPermissionsBoundaryOutput {})
        })
        .await
    }
}
