//! The logins of a request: none for a guest, or the token that an identity got for its developer's user.

use crate::errors;
use crate::pool::Pool;
use crate::service::Call;
use crate::token::Token;
use model::ApiError;
use std::collections::BTreeMap;

/// The provider under which tokens of this service are sent.
pub(crate) const OWN: &str = "cognito-identity.amazonaws.com";

/// What the logins prove for a pool; `None` where there are none.
pub(crate) fn proved(
    cx: &Call<'_>,
    pool: &Pool,
    logins: &Option<BTreeMap<String, String>>,
) -> Result<Option<Token>, ApiError> {
    let Some((provider, text)) = logins.iter().flatten().next() else {
        return if pool.has_guests { Ok(None) } else { Err(errors::no_guests()) };
    };
    if provider != OWN {
        return Err(errors::unknown_provider());
    }
    let token = Token::open(text, cx.service.directory.sealing(), cx.now_micros / 1_000_000)?;
    if token.pool == pool.id { Ok(Some(token)) } else { Err(errors::unknown_provider()) }
}
