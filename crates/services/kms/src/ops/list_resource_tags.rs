//! ListResourceTags: the tags of a key, page by page.

use crate::authorize::Asked;
use crate::page::{self, Page};
use crate::service::Kms;
use model::ApiError;
use model::kms::Tag;
use model::kms::{ListResourceTags, ListResourceTagsInput, ListResourceTagsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const LIMIT: usize = 50;

impl Operation<Kms> for ListResourceTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListResourceTagsInput> = Validation::MODEL;
    type Plan = ListResourceTagsInput;

    fn check(input: ListResourceTagsInput) -> Result<ListResourceTagsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a ListResourceTagsInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListResourceTagsInput) -> Result<ListResourceTagsOutput, ApiError> {
        let asked = Asked::new("kms:ListResourceTags", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted_id(cx, asked).await?;
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
