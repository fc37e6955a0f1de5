//! AssumeRoleWithWebIdentity: a session of a role for whom an identity provider of the role's account vouches. Needs no
//! credentials.
//!
//! Order of refusals: the model's constraints; the ARN, policies, the token's form; the provider, its audience, the
//! signature, the token's end; the role's trust; the length of the session.

use crate::errors;
use crate::own_token::{self, OwnToken};
use crate::role_session::{self, Asked};
use crate::service::Sts;
use crate::session::{self, Wanted};
use crate::web_token::WebToken;
use iam::session::SessionPolicy;
use model::ApiError;
use model::sts::{
    AssumeRoleWithWebIdentity, AssumeRoleWithWebIdentityInput, AssumeRoleWithWebIdentityOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use policy::{Requester, Who};

/// How long a session lasts where nothing is said.
const SECONDS: i64 = 3_600;

/// An input whose parts are read.
#[derive(Debug)]
pub struct Plan {
    input: AssumeRoleWithWebIdentityInput,
    policies: Option<Vec<SessionPolicy>>,
}

impl Operation<Sts> for AssumeRoleWithWebIdentity {
    const KIND: Kind = Kind::Control;
    const IS_OPEN: bool = true;
    const VALIDATION: Validation<AssumeRoleWithWebIdentityInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: AssumeRoleWithWebIdentityInput) -> Result<Plan, ApiError> {
        role_session::parse_arn(input.role_arn.as_deref().unwrap_or_default())?;
        let policies = session::policies(&input.policy, &input.policy_arns)?;
        WebToken::parse(input.web_identity_token.as_deref().unwrap_or_default())?;
        Ok(Plan { input, policies })
    }

    /// The role's trust is the decision, and `run` makes it.
    fn access(_: &Cx<'_, Sts>, _: &Plan) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Cx<'_, Sts>, plan: Plan) -> Result<AssumeRoleWithWebIdentityOutput, ApiError> {
        let Plan { input, policies } = plan;
        let arn = input.role_arn.unwrap_or_default();
        let (account, _) = role_session::parse_arn(&arn)?;
        let proved = Proved::by(cx, account, &input.web_identity_token.unwrap_or_default()).await?;
        let name = input.role_session_name.unwrap_or_default();
        let asked = Asked {
            action: "sts:AssumeRoleWithWebIdentity",
            session: &name,
            claims: &proved.claims,
            requester: Some(Requester { account: "", who: Who::WebIdentity(&proved.provider) }),
            ..Asked::default()
        };
        let directory = &cx.service.directory;
        let found = role_session::admit(cx, directory, &arn, &asked);
        let found = found.map_err(|_| errors::not_authorized("sts:AssumeRoleWithWebIdentity"))?;
        let wanted = Wanted {
            seconds: input.duration_seconds.unwrap_or(SECONDS) as u64,
            policies,
            claims: proved.claims.iter().cloned().collect(),
            ..Wanted::default()
        };
        let (made, user) = role_session::begin(cx, directory, &found, &name, wanted)?;
        Ok(AssumeRoleWithWebIdentityOutput {
            credentials: Some(made.credentials),
            assumed_role_user: Some(user),
            packed_policy_size: made.packed_percent,
            subject_from_web_identity_token: Some(proved.subject),
            provider: Some(proved.provider),
            audience: Some(proved.audience),
            ..AssumeRoleWithWebIdentityOutput::default()
        })
    }
}

/// What a token proves.
struct Proved {
    /// The provider as policies of trust name it.
    provider: String,
    audience: String,
    subject: String,
    claims: Vec<(String, Vec<String>)>,
}

impl Proved {
    async fn by(cx: &Cx<'_, Sts>, account: &str, text: &str) -> Result<Proved, ApiError> {
        let (token, now) = (WebToken::parse(text)?, cx.now_micros / 1_000_000);
        if token.issuer() == own_token::ISSUER {
            return Proved::by_own(cx, text, now);
        }
        let audience = audience(cx, account, &token)?;
        token.verify(&cx.service.issuers, now).await?;
        Ok(Proved {
            provider: format!("arn:aws:iam::{account}:oidc-provider/{}", token.issuer()),
            audience,
            subject: token.subject().to_owned(),
            claims: token.condition_keys(),
        })
    }

    /// A token of a pool of this store, which needs no provider.
    fn by_own(cx: &Cx<'_, Sts>, text: &str, now: u64) -> Result<Proved, ApiError> {
        let token = OwnToken::open(text, cx.service.directory.sealing());
        let token =
            token.ok_or_else(|| errors::invalid_token("The token's signature could not be verified."))?;
        if !token.holds_at(now) {
            return Err(errors::expired_token());
        }
        let claims = token.condition_keys();
        Ok(Proved { provider: own_token::ISSUER.to_owned(), audience: token.aud, subject: token.sub, claims })
    }
}

/// The audience of the token that the provider takes.
fn audience(cx: &Cx<'_, Sts>, account: &str, token: &WebToken<'_>) -> Result<String, ApiError> {
    let account = cx.service.directory.account(account);
    let issuer = token.issuer();
    let provider = account.providers.get(issuer).ok_or_else(|| errors::no_provider(issuer))?;
    let audience = token.audiences().into_iter().find(|audience| provider.clients.contains(audience));
    audience.ok_or_else(|| errors::invalid_token("Incorrect token audience"))
}
