//! GetLoginProfile: the password of a user: there is no console, so none.

use crate::account::Owner;
use crate::errors;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{GetLoginProfile, GetLoginProfileInput, GetLoginProfileOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetLoginProfile {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetLoginProfileInput> = Validation::MODEL;
    type Plan = GetLoginProfileInput;

    fn check(input: GetLoginProfileInput) -> Result<GetLoginProfileInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetLoginProfileInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:GetLoginProfile",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetLoginProfileInput) -> Result<GetLoginProfileOutput, ApiError> {
        let name = service::user_or_own(cx, input.user_name.as_deref())?;
        service::account(cx).user(&name)?;
        Err(errors::not_found_login(&name))
    }
}
