//! GetSessionToken: a session of the caller itself. It may do what the caller may, but not call IAM.

use crate::errors;
use crate::service::Sts;
use crate::session::{self, Wanted};
use iam::session::SessionOf;
use identity::PrincipalKind;
use model::ApiError;
use model::sts::{GetSessionToken, GetSessionTokenInput, GetSessionTokenOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// How long a session lasts where nothing is said.
const SECONDS: u64 = 43_200;
/// How long one of the account itself may last.
const ROOT_SECONDS_MAX: u64 = 3_600;

impl Operation<Sts> for GetSessionToken {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetSessionTokenInput> = Validation::MODEL;
    type Plan = GetSessionTokenInput;

    fn check(input: GetSessionTokenInput) -> Result<GetSessionTokenInput, ApiError> {
        Ok(input)
    }

    /// Needs no permission.
    fn access(_: &Cx<'_, Sts>, _: &GetSessionTokenInput) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Cx<'_, Sts>, input: GetSessionTokenInput) -> Result<GetSessionTokenOutput, ApiError> {
        let seconds = input.duration_seconds.map_or(SECONDS, |seconds| seconds as u64);
        let (who, seconds) = match &cx.caller.principal.kind {
            PrincipalKind::Root => (SessionOf::Root, seconds.min(ROOT_SECONDS_MAX)),
            PrincipalKind::User { name, by_session: false, .. } => (SessionOf::User(name.clone()), seconds),
            _ => return Err(errors::not_with_session("GetSessionToken")),
        };
        let wanted = Wanted { seconds, ..Wanted::default() };
        let made = session::make(cx, &cx.service.directory, &cx.caller.account, who, wanted)?;
        Ok(GetSessionTokenOutput { credentials: Some(made.credentials), ..GetSessionTokenOutput::default() })
    }
}
