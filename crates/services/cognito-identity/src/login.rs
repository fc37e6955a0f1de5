//! The logins of a request: none for a guest; a token that this service has issued to an identity; or a token of an
//! identity provider of the pool, whose subject has one identity of the pool.
//!
//! Only the first login is read.

use crate::errors;
use crate::identity::{self, Identity};
use crate::pool::Pool;
use crate::service::Call;
use model::ApiError;
use std::collections::BTreeMap;
use sts::own_token::{ISSUER, OwnToken};
use sts::web_token::WebToken;

/// The provider under which tokens of this service are sent.
pub(crate) const OWN: &str = ISSUER;

/// What a login proves.
#[derive(Debug)]
pub(crate) enum Login {
    /// Nothing.
    Guest,
    /// That it is this identity.
    Own(OwnToken),
    /// That it is this subject of a provider.
    External { provider: String, subject: String },
}

impl Login {
    /// Whether it proves no login: a token of a guest is still a guest's.
    pub(crate) fn is_guest(&self) -> bool {
        !self.methods().iter().any(|method| method == "authenticated")
    }

    /// The identity that it is of, where there is one.
    pub(crate) async fn identity(&self, cx: &Call<'_>, pool: &Pool) -> Result<Option<String>, ApiError> {
        match self {
            Login::Guest => Ok(None),
            Login::Own(token) => Ok(Some(token.sub.clone())),
            Login::External { provider, subject } => {
                identity::of_user(cx.service, &pool.id, &identity::external(provider, subject)).await
            }
        }
    }

    /// How the identity of a login has logged in, as conditions ask for it.
    pub(crate) fn methods(&self) -> Vec<String> {
        match self {
            Login::Guest => vec!["unauthenticated".to_owned()],
            Login::Own(token) => token.amr.clone(),
            Login::External { provider, .. } => vec!["authenticated".to_owned(), provider.clone()],
        }
    }

    /// Refuses a login that is of another identity: a guest's of one that has logged in before, too.
    pub(crate) async fn check(
        &self,
        cx: &Call<'_>,
        pool: &Pool,
        identity: &Identity,
    ) -> Result<(), ApiError> {
        let is_of_it = match self {
            Login::Guest => !identity.has_logins(),
            login => login.identity(cx, pool).await?.as_ref() == Some(&identity.id),
        };
        if is_of_it { Ok(()) } else { Err(errors::other_logins()) }
    }
}

/// What the logins prove for a pool.
pub(crate) async fn proved(
    cx: &Call<'_>,
    pool: &Pool,
    logins: &Option<BTreeMap<String, String>>,
) -> Result<Login, ApiError> {
    let Some((provider, text)) = logins.iter().flatten().next() else {
        return if pool.has_guests { Ok(Login::Guest) } else { Err(errors::no_guests()) };
    };
    if provider == OWN { own(cx, pool, text) } else { external(cx, pool, provider, text).await }
}

fn own(cx: &Call<'_>, pool: &Pool, text: &str) -> Result<Login, ApiError> {
    let token = OwnToken::open(text, cx.service.directory.sealing());
    let token = token.ok_or_else(|| errors::invalid_token("Couldn't verify signed token."))?;
    if token.aud != pool.id {
        return Err(errors::unknown_provider());
    }
    match token.holds_at(cx.now_micros / 1_000_000) {
        true => Ok(Login::Own(token)),
        false => Err(errors::invalid_token("Token expired.")),
    }
}

async fn external(cx: &Call<'_>, pool: &Pool, provider: &str, text: &str) -> Result<Login, ApiError> {
    let audiences = audiences(cx, pool, provider).ok_or_else(errors::unknown_provider)?;
    let invalid = |why: &str| errors::invalid_token(why);
    let token = WebToken::parse(text).map_err(|_| invalid("Not a valid OpenId Connect identity token."))?;
    if token.issuer() != provider {
        return Err(invalid("Issuer doesn't match providerName."));
    }
    if !token.audiences().iter().any(|audience| audiences.contains(audience)) {
        return Err(invalid("Incorrect token audience."));
    }
    let verified = token.verify(&cx.service.issuers, cx.now_micros / 1_000_000).await;
    verified.map_err(|error| invalid(error.message.as_deref().unwrap_or("Couldn't verify signed token.")))?;
    if token.subject().is_empty() {
        return Err(invalid("It names no subject."));
    }
    Ok(Login::External { provider: provider.to_owned(), subject: token.subject().to_owned() })
}

/// For whom the tokens of a provider of the pool must be: the application of a public one, or the clients of one that
/// the pool's account has in IAM.
fn audiences(cx: &Call<'_>, pool: &Pool, provider: &str) -> Option<Vec<String>> {
    if let Some(application) = pool.login_providers.get(provider) {
        return Some(vec![application.clone()]);
    }
    let arn = format!("arn:aws:iam::{}:oidc-provider/{provider}", pool.account);
    let is_of_pool = pool.open_id_arns.contains(&arn);
    let account = cx.service.directory.account(&pool.account);
    let known = account.providers.get(provider).filter(|_| is_of_pool)?;
    Some(known.clients.clone())
}
