//! TagResource: tags of a key are added or replaced.

use super::tags;
use crate::key::Key;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::MODEL;
    type Plan = TagResourceInput;

    fn check(input: TagResourceInput) -> Result<TagResourceInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a TagResourceInput) -> Access<'a> {
        Need::new(
            "kms:TagResource",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .tagged(Tags::set(super::tags::pairs(&plan.tags)))
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: TagResourceInput) -> Result<TagResourceOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
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
