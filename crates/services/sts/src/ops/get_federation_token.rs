//! GetFederationToken: a session for somebody whom IAM does not know. It may do what both the calling user and the
//! policies that are handed in allow: without policies nothing.

use crate::errors;
use crate::service::Sts;
use crate::session::{self, Wanted};
use iam::session::{SessionOf, SessionPolicy};
use identity::PrincipalKind;
use model::ApiError;
use model::sts::{FederatedUser, GetFederationToken, GetFederationTokenInput, GetFederationTokenOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// How long a session lasts where nothing is said.
const SECONDS: u64 = 43_200;
/// How long one of the account itself may last.
const ROOT_SECONDS_MAX: u64 = 3_600;

/// An input whose parts are read.
#[derive(Debug)]
pub struct Plan {
    input: GetFederationTokenInput,
    policies: Option<Vec<SessionPolicy>>,
    tags: Vec<(String, String)>,
}

impl Operation<Sts> for GetFederationToken {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetFederationTokenInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: GetFederationTokenInput) -> Result<Plan, ApiError> {
        let policies = session::policies(&input.policy, &input.policy_arns)?;
        let tags = session::tags(&input.tags)?;
        Ok(Plan { input, policies, tags })
    }

    fn access(cx: &Cx<'_, Sts>, plan: &Plan) -> Access<'static> {
        let name = plan.input.name.as_deref().unwrap_or_default();
        let arn = format!("arn:aws:sts::{}:federated-user/{name}", cx.caller.account);
        Need::new("sts:GetFederationToken", arn).into()
    }

    async fn run(cx: &Cx<'_, Sts>, plan: Plan) -> Result<GetFederationTokenOutput, ApiError> {
        let name = plan.input.name.unwrap_or_default();
        let seconds = plan.input.duration_seconds.map_or(SECONDS, |seconds| seconds as u64);
        let (user, seconds) = match &cx.caller.principal.kind {
            PrincipalKind::Root => (None, seconds.min(ROOT_SECONDS_MAX)),
            PrincipalKind::User { name, by_session: false, .. } => (Some(name.clone()), seconds),
            _ => return Err(errors::not_with_session("GetFederationToken")),
        };
        let account = &cx.caller.account;
        let who = SessionOf::Federated { user, name: name.clone() };
        let policies = Some(plan.policies.unwrap_or_default());
        let wanted = Wanted { seconds, policies, tags: plan.tags, ..Wanted::default() };
        let made = session::make(cx, &cx.service.directory, account, who, wanted)?;
        let federated_user = FederatedUser {
            federated_user_id: Some(format!("{account}:{name}")),
            arn: Some(format!("arn:aws:sts::{account}:federated-user/{name}")),
        };
        Ok(GetFederationTokenOutput {
            credentials: Some(made.credentials),
            federated_user: Some(federated_user),
            packed_policy_size: Some(made.packed_percent.unwrap_or(0)),
            ..GetFederationTokenOutput::default()
        })
    }
}
