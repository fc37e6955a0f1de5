//! Tokens of pages: where the next page begins, sealed, good for five minutes on any server of the store.

use crate::errors::{expired_next_token, invalid_next_token};
use crate::service::{Kinesis, scope_of};
use model::ApiError;
use pipeline::{Cx, SealFault};

/// The token of a page of some list that ended at a place.
pub(crate) async fn seal(cx: &Cx<'_, Kinesis>, list: &str, place: &str) -> Result<String, ApiError> {
    let scope = scope_of(cx.caller);
    cx.service.sealed(&scope, list, |seal| seal.seal(cx.now_micros, place.as_bytes())).await
}

/// The place of a token.
pub(crate) async fn open(cx: &Cx<'_, Kinesis>, list: &str, token: &str) -> Result<String, ApiError> {
    let scope = scope_of(cx.caller);
    let opened = cx.service.sealed(&scope, list, |seal| seal.open(token, cx.now_micros)).await?;
    let place = opened.map_err(|fault| match fault {
        SealFault::Forged => invalid_next_token(),
        SealFault::Expired { .. } => expired_next_token(),
    })?;
    String::from_utf8(place).map_err(|_| invalid_next_token())
}
