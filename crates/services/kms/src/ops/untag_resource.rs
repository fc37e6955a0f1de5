//! UntagResource: tags of a key are taken away.

use crate::authorize::Asked;
use crate::key::Key;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::MODEL;
    type Plan = UntagResourceInput;

    fn check(input: UntagResourceInput) -> Result<UntagResourceInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a UntagResourceInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: UntagResourceInput) -> Result<UntagResourceOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:UntagResource", plan.key_id.as_deref().unwrap_or_default())
            .with_tags(Tags::removed(plan.tag_keys.iter().flatten().cloned()));
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let names = plan.tag_keys.unwrap_or_default();
        let untag = |key: &mut Key| {
            key.check_not_pending()?;
            key.tags.retain(|name, _| !names.contains(name));
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, untag).await?;
        Ok(UntagResourceOutput {})
    }
}
