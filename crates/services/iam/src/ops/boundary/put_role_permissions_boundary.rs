//! PutRolePermissionsBoundary: the managed policy that limits what the policies of a role allow.

use crate::account::Owner;
use crate::rules::{boundary_exists, text};
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    PutRolePermissionsBoundary, PutRolePermissionsBoundaryInput, PutRolePermissionsBoundaryOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for PutRolePermissionsBoundary {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutRolePermissionsBoundaryInput> = Validation::MODEL;
    type Plan = PutRolePermissionsBoundaryInput;

    fn check(input: PutRolePermissionsBoundaryInput) -> Result<PutRolePermissionsBoundaryInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &PutRolePermissionsBoundaryInput) -> Access<'static> {
        service::need_entity(cx, "iam:PutRolePermissionsBoundary", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: PutRolePermissionsBoundaryInput,
    ) -> Result<PutRolePermissionsBoundaryOutput, ApiError> {
        let arn = text(&input.permissions_boundary);
        service::change(cx, |account| {
            boundary_exists(account, arn)?;
            account.entity_mut(Owner::Role, text(&input.role_name))?.boundary = Some(arn.to_owned());
            Ok(PutRolePermissionsBoundaryOutput {})
        })
        .await
    }
}
