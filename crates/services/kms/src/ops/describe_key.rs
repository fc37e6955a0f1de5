//! DescribeKey: what a key is, in every state.

use super::metadata::metadata;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{DescribeKey, DescribeKeyInput, DescribeKeyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for DescribeKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeKeyInput> = Validation::MODEL;
    type Plan = DescribeKeyInput;

    fn check(input: DescribeKeyInput) -> Result<DescribeKeyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a DescribeKeyInput) -> Access<'a> {
        Need::new(
            "kms:DescribeKey",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DescribeKeyInput) -> Result<DescribeKeyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let key =
            cx.service.keys.find(&scope, plan.key_id.as_deref().unwrap_or_default(), cx.now_micros).await?;
        Ok(DescribeKeyOutput { key_metadata: Some(metadata(&key)) })
    }
}
