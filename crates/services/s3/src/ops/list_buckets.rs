//! ListBuckets: the buckets of an account in the order of their names, in pages where one asks for them.

use crate::bucket::Bucket;
use crate::service::S3;
use crate::showing::owner;
use crate::{access, errors, keys, rows};
use model::ApiError;
use model::s3::{Bucket as Shown, ListBuckets, ListBucketsInput, ListBucketsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, RangeRead, Visit};

/// Buckets in a page.
const PAGE_MAX: i64 = 10_000;

impl Operation<S3> for ListBuckets {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ListBucketsInput> = Validation::Own;
    type Plan = ListBucketsInput;

    fn check(input: ListBucketsInput) -> Result<ListBucketsInput, ApiError> {
        match input.max_buckets {
            Some(max) if !(1..=PAGE_MAX).contains(&max) => {
                let text = "Argument max-buckets must be an integer between 1 and 10000";
                Err(errors::invalid_argument(text, "max-buckets", &max.to_string()))
            }
            _ => Ok(input),
        }
    }

    fn access<'a>(_: &'a Cx<'_, S3>, _: &'a ListBucketsInput) -> Access<'a> {
        Need::new("s3:ListAllMyBuckets", "arn:aws:s3:::*").into()
    }

    async fn run(cx: &Cx<'_, S3>, input: ListBucketsInput) -> Result<ListBucketsOutput, ApiError> {
        let limit = input.max_buckets.unwrap_or(PAGE_MAX) as usize;
        let mut found = find(cx, &input, limit + 1).await?;
        let is_truncated = found.len() > limit;
        found.truncate(limit);
        let continuation_token = found.last().filter(|_| is_truncated).map(|(name, _)| name.clone());
        let show = |(name, bucket): (String, Bucket)| Shown {
            bucket_arn: Some(access::bucket_arn(&name)),
            name: Some(name),
            creation_date: Some((bucket.created_millis / 1_000) as f64),
            bucket_region: Some(bucket.region),
        };
        Ok(ListBucketsOutput {
            buckets: Some(found.into_iter().map(show).collect()),
            owner: Some(owner(&cx.caller.account)),
            continuation_token,
            prefix: input.prefix,
        })
    }
}

/// Buckets of the caller that the request asks for, behind its token.
async fn find(
    cx: &Cx<'_, S3>,
    input: &ListBucketsInput,
    limit: usize,
) -> Result<Vec<(String, Bucket)>, ApiError> {
    let prefix = keys::bucket(input.prefix.as_deref().unwrap_or_default());
    let after = input.continuation_token.as_deref().map(keys::bucket).filter(|after| *after >= prefix);
    let start = after.as_deref().map_or(Bound::Included(&prefix[..]), Bound::Excluded);
    let end = keys::after_prefix(&prefix);
    if matches!(start, Bound::Excluded(after) if after >= &end[..]) {
        return Ok(Vec::new());
    }
    let (mut found, mut fault) = (Vec::new(), None);
    let visit = &mut |key: &[u8], row: &[u8]| {
        match rows::parse::<Bucket>(row) {
            Ok(bucket) => {
                let is_own = *bucket.account == *cx.caller.account;
                let is_there = input.bucket_region.as_ref().is_none_or(|region| *region == bucket.region);
                if is_own && is_there {
                    found.push((String::from_utf8_lossy(&key[keys::BUCKETS.len()..]).into_owned(), bucket));
                }
            }
            Err(error) => fault = Some(error),
        }
        if fault.is_none() && found.len() < limit { Visit::Continue } else { Visit::Stop }
    };
    let range = KeyRange { start, end: Bound::Excluded(&end) };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let read = RangeRead { range, direction, consistency, rows_expected: limit };
    cx.service.objects.shelf.store().range(read, visit).await.map_err(|error| errors::store(&error))?;
    fault.map_or(Ok(found), Err)
}
