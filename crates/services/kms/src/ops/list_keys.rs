//! ListKeys: the keys of an account and region, page by page.

use crate::key::Key;
use crate::page::{self, Page};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::KeyListEntry;
use model::kms::{ListKeys, ListKeysInput, ListKeysOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const LIMIT: usize = 100;

impl Operation<Kms> for ListKeys {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListKeysInput> = Validation::MODEL;
    type Plan = ListKeysInput;

    fn check(input: ListKeysInput) -> Result<ListKeysInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a ListKeysInput) -> Access<'a> {
        _ = (cx, plan);
        Need::new("kms:ListKeys", "*").into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListKeysInput) -> Result<ListKeysOutput, ApiError> {
        let (scope, limit) = (scope_of(cx.caller), page::limit(plan.limit, LIMIT));
        let marker = page::marker(plan.marker.as_deref())?;
        let keys = cx.service.keys.list(&scope, marker, limit + 1, cx.now_micros).await?;
        let page = Page::of(keys, limit, |key| key.id.clone());
        let entry = |key: &Key| KeyListEntry { key_id: Some(key.id.clone()), key_arn: Some(key.arn()) };
        Ok(ListKeysOutput {
            keys: Some(page.entries.iter().map(entry).collect()),
            next_marker: page.next_marker,
            truncated: Some(page.truncated),
        })
    }
}
