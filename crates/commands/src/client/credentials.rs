//! The keys to sign with: of the environment, else of a profile; a server of one's own takes any.

use super::Variables;
use super::profile::Profile;
use identity::{Secret, Signer};

/// The id and the secret for a server that checks neither.
const LOCAL: &str = "local";

/// The keys, or a sentence that names the places they are read from.
pub(super) fn find(
    is_aws: bool,
    region: String,
    variables: &Variables<'_>,
    profile: &Profile,
) -> Result<Signer, String> {
    let of_profile = |setting| profile.get(setting).map(str::to_owned);
    let environment = (variables.get("AWS_ACCESS_KEY_ID"), variables.get("AWS_SECRET_ACCESS_KEY"));
    let keys = (of_profile("aws_access_key_id"), of_profile("aws_secret_access_key"));
    let (access_key_id, secret, session_token) = match (environment, keys, is_aws) {
        ((Some(id), Some(secret)), ..) => (id, secret, variables.get("AWS_SESSION_TOKEN")),
        (_, (Some(id), Some(secret)), _) => (id, secret, of_profile("aws_session_token")),
        (_, _, false) => (LOCAL.to_owned(), LOCAL.to_owned(), None),
        _ => return Err(NO_KEYS.to_owned()),
    };
    Ok(Signer { access_key_id, secret: Secret::new(secret), session_token, region })
}

const NO_KEYS: &str = "no access keys for AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that \
    has them with --profile. For single sign-on and roles: eval \"$(aws configure export-credentials --format env)\"";
