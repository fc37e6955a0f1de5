//! ListResourceTags: the tags of a key, page by page.

use crate::key_ref::KeyRef;
use crate::page::{self, Page};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::Tag;
use model::kms::{ListResourceTags, ListResourceTagsInput, ListResourceTagsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const LIMIT: usize = 50;

impl Operation<Kms> for ListResourceTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListResourceTagsInput> = Validation::MODEL;
    type Plan = ListResourceTagsInput;

    fn check(input: ListResourceTagsInput) -> Result<ListResourceTagsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a ListResourceTagsInput) -> Access<'a> {
        Need::new(
            "kms:ListResourceTags",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListResourceTagsInput) -> Result<ListResourceTagsOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let key = cx.service.keys.of_id(&scope, &id, cx.now_micros).await?;
        let marker = page::marker(plan.marker.as_deref())?;
        let tags: Vec<_> = key.tags.into_iter().collect();
        let page = Page::behind(tags, marker, page::limit(plan.limit, LIMIT), |(name, _)| name.clone());
        let tag = |(name, value)| Tag { tag_key: Some(name), tag_value: Some(value) };
        Ok(ListResourceTagsOutput {
            tags: Some(page.entries.into_iter().map(tag).collect()),
            next_marker: page.next_marker,
            truncated: Some(page.truncated),
        })
    }
}
