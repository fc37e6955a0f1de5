//! Changing a stream that has been named: what all such operations refuse, in their order.

use crate::errors::{not_active, store_error, stream_not_found};
use crate::service::Kinesis;
use crate::stream::{Status, Stream};
use crate::stream_ref::StreamRef;
use model::ApiError;
use pipeline::Cx;
use store::FeedId;

/// Changes a stream whose state lets it; it shows as UPDATING for a while.
pub(super) async fn updating<R: Send>(
    cx: &Cx<'_, Kinesis>,
    named: &StreamRef,
    mut change: impl FnMut(&mut Stream, &mut dyn FnMut() -> FeedId) -> Result<R, ApiError> + Send,
) -> Result<R, ApiError> {
    at_any_time(cx, named, |stream, feeds| updated(cx, stream, |stream| change(stream, feeds))).await
}

/// The same for a change that opens shards, which learns how many the account has open in the region.
pub(super) async fn opening<R: Send>(
    cx: &Cx<'_, Kinesis>,
    named: &StreamRef,
    mut change: impl FnMut(&mut Stream, usize, &mut dyn FnMut() -> FeedId) -> Result<R, ApiError> + Send,
) -> Result<R, ApiError> {
    let (scope, name) = (named.scope(cx)?, &named.name);
    let changed = cx.service.streams.change_counted(&scope, name, |old, open, feeds| {
        let mut stream = old.ok_or_else(|| stream_not_found(&scope, name))?;
        let result = updated(cx, &mut stream, |stream| change(stream, open, feeds))?;
        Ok((Some(stream), result))
    });
    changed.await.map_err(|error| store_error(&error))?
}

fn updated<R>(
    cx: &Cx<'_, Kinesis>,
    stream: &mut Stream,
    change: impl FnOnce(&mut Stream) -> Result<R, ApiError>,
) -> Result<R, ApiError> {
    match stream.status(cx.now_micros) {
        Status::Active => {}
        status => return Err(not_active(stream, status)),
    }
    let result = change(stream)?;
    stream.changing = cx.service.changing(Status::Updating, cx.now_micros);
    Ok(result)
}

/// Changes a stream whatever its state.
pub(super) async fn at_any_time<R: Send>(
    cx: &Cx<'_, Kinesis>,
    named: &StreamRef,
    mut change: impl FnMut(&mut Stream, &mut dyn FnMut() -> FeedId) -> Result<R, ApiError> + Send,
) -> Result<R, ApiError> {
    let (scope, name) = (named.scope(cx)?, &named.name);
    let changed = cx.service.streams.change(&scope, name, |old, feeds| {
        let mut stream = old.ok_or_else(|| stream_not_found(&scope, name))?;
        let result = change(&mut stream, feeds)?;
        Ok((Some(stream), result))
    });
    changed.await.map_err(|error| store_error(&error))?
}
