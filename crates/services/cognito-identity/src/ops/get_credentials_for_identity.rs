//! GetCredentialsForIdentity: credentials of the pool's role for an identity, for an hour. Needs no credentials.
//!
//! Order of refusals: the identity, the logins, the role that is set, its trust.

use crate::service::{Call, CognitoIdentity};
use crate::{errors, identity, login, pool};
use iam::session::SessionPolicy;
use model::ApiError;
use model::cognito_identity::{
    Credentials, GetCredentialsForIdentity, GetCredentialsForIdentityInput, GetCredentialsForIdentityOutput,
};
use pipeline::{Access, Kind, Operation, Validation};
use policy::{Requester, Who};
use sts::own_token::OwnToken;
use sts::role_session::{self, Asked};
use sts::session::Wanted;

/// The name of every session of an identity.
const SESSION: &str = "CognitoIdentityCredentials";
/// How long a session lasts.
const SECONDS: u64 = 3_600;
/// What guests may do at most, whatever their role allows.
const GUESTS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:*","lambda:InvokeFunction","s3:*","cloudwatch:*","logs:*","kinesis:*","firehose:*","sqs:*","sns:*","kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*"],"Resource":"*"}]}"#;

impl Operation<CognitoIdentity> for GetCredentialsForIdentity {
    const KIND: Kind = Kind::Control;
    const IS_OPEN: bool = true;
    const VALIDATION: Validation<GetCredentialsForIdentityInput> = Validation::MODEL;
    type Plan = GetCredentialsForIdentityInput;

    fn check(input: GetCredentialsForIdentityInput) -> Result<GetCredentialsForIdentityInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Call<'_>, _: &GetCredentialsForIdentityInput) -> Access<'static> {
        Access::default()
    }

    async fn run(
        cx: &Call<'_>,
        input: GetCredentialsForIdentityInput,
    ) -> Result<GetCredentialsForIdentityOutput, ApiError> {
        let id = input.identity_id.unwrap_or_default();
        let identity = identity::find(cx.service, &id).await?;
        let pool = pool::find(cx.service, &identity.pool).await?;
        let login = login::proved(cx, &pool, &input.logins).await?;
        login.check(cx, &pool, &identity).await?;
        let is_guest = login.is_guest();
        let kind = if is_guest { "unauthenticated" } else { "authenticated" };
        let arn = pool.roles.get(kind).ok_or_else(errors::invalid_configuration)?;
        let claims = OwnToken::of(&pool.id, &id, login.methods(), 0).condition_keys();
        let asked = Asked {
            action: "sts:AssumeRoleWithWebIdentity",
            session: SESSION,
            claims: &claims,
            requester: Some(Requester { account: "", who: Who::WebIdentity(login::OWN) }),
            ..Asked::default()
        };
        let directory = &cx.service.directory;
        let found = role_session::admit(cx, directory, arn, &asked);
        let found = found.map_err(|_| errors::invalid_configuration())?;
        let policies = is_guest.then(|| vec![SessionPolicy::Inline(GUESTS.to_owned())]);
        let claims = claims.into_iter().collect();
        let wanted = Wanted { seconds: SECONDS, policies, claims, ..Wanted::default() };
        let (made, _) = role_session::begin(cx, directory, &found, SESSION, wanted)?;
        let credentials = Credentials {
            access_key_id: made.credentials.access_key_id,
            secret_key: made.credentials.secret_access_key,
            session_token: made.credentials.session_token,
            expiration: made.credentials.expiration,
        };
        Ok(GetCredentialsForIdentityOutput { identity_id: Some(id), credentials: Some(credentials) })
    }
}
