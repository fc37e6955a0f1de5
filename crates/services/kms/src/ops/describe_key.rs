//! DescribeKey: what a key is, in every state.

use super::metadata::metadata;
use crate::authorize::Asked;
use crate::service::Kms;
use model::ApiError;
use model::kms::{DescribeKey, DescribeKeyInput, DescribeKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for DescribeKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeKeyInput> = Validation::MODEL;
    type Plan = DescribeKeyInput;

    fn check(input: DescribeKeyInput) -> Result<DescribeKeyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a DescribeKeyInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DescribeKeyInput) -> Result<DescribeKeyOutput, ApiError> {
        let asked = Asked::new("kms:DescribeKey", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted(cx, asked).await?;
        Ok(DescribeKeyOutput { key_metadata: Some(metadata(&key)) })
    }
}
