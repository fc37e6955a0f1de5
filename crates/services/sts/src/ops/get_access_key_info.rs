//! GetAccessKeyInfo: the account of an access key, which its id tells.

use crate::errors;
use crate::service::Sts;
use model::ApiError;
use model::sts::{GetAccessKeyInfo, GetAccessKeyInfoInput, GetAccessKeyInfoOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Sts> for GetAccessKeyInfo {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetAccessKeyInfoInput> = Validation::MODEL;
    type Plan = GetAccessKeyInfoInput;

    fn check(input: GetAccessKeyInfoInput) -> Result<GetAccessKeyInfoInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Sts>, _: &GetAccessKeyInfoInput) -> Access<'static> {
        Need::new("sts:GetAccessKeyInfo", "*").into()
    }

    async fn run(_: &Cx<'_, Sts>, input: GetAccessKeyInfoInput) -> Result<GetAccessKeyInfoOutput, ApiError> {
        let id = input.access_key_id.unwrap_or_default();
        let account = iam::account_of_key(&id).ok_or_else(|| errors::invalid_key(&id))?;
        Ok(GetAccessKeyInfoOutput { account: Some(account) })
    }
}
