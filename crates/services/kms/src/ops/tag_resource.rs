//! TagResource: tags of a key are added or replaced.

use super::tags;
use crate::authorize::Asked;
use crate::key::Key;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::MODEL;
    type Plan = TagResourceInput;

    fn check(input: TagResourceInput) -> Result<TagResourceInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a TagResourceInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: TagResourceInput) -> Result<TagResourceOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:TagResource", plan.key_id.as_deref().unwrap_or_default())
            .with_tags(Tags::set(super::tags::pairs(&plan.tags)));
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let added = tags::checked(plan.tags)?;
        let tag = |key: &mut Key| {
            key.check_not_pending()?;
            key.tags.extend(added.clone());
            tags::check_count(&key.tags)
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, tag).await?;
        Ok(TagResourceOutput {})
    }
}
