//! PutUserPermissionsBoundary: the managed policy that limits what the policies of a user allow.

use crate::account::Owner;
use crate::rules::{boundary_exists, text};
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    PutUserPermissionsBoundary, PutUserPermissionsBoundaryInput, PutUserPermissionsBoundaryOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for PutUserPermissionsBoundary {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutUserPermissionsBoundaryInput> = Validation::MODEL;
    type Plan = PutUserPermissionsBoundaryInput;

    fn check(input: PutUserPermissionsBoundaryInput) -> Result<PutUserPermissionsBoundaryInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &PutUserPermissionsBoundaryInput) -> Access<'static> {
        service::need_entity(cx, "iam:PutUserPermissionsBoundary", Owner::User, text(&input.user_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: PutUserPermissionsBoundaryInput,
    ) -> Result<PutUserPermissionsBoundaryOutput, ApiError> {
        let arn = text(&input.permissions_boundary);
        service::change(cx, |account| {
            boundary_exists(account, arn)?;
            account.entity_mut(Owner::User, text(&input.user_name))?.boundary = Some(arn.to_owned());
            Ok(PutUserPermissionsBoundaryOutput {})
        })
        .await
    }
}
