//! GetAccessKeyLastUsed: whose an access key is. When it was used is not kept, which reads as never.

use crate::account::User;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{GetAccessKeyLastUsed, GetAccessKeyLastUsedInput, GetAccessKeyLastUsedOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetAccessKeyLastUsed {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetAccessKeyLastUsedInput> = Validation::MODEL;
    type Plan = GetAccessKeyLastUsedInput;

    fn check(input: GetAccessKeyLastUsedInput) -> Result<GetAccessKeyLastUsedInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &GetAccessKeyLastUsedInput) -> Access<'static> {
        service::need_arn("iam:GetAccessKeyLastUsed", "*")
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: GetAccessKeyLastUsedInput,
    ) -> Result<GetAccessKeyLastUsedOutput, ApiError> {
        let account = service::account(cx);
        let id = text(&input.access_key_id);
        let has = |user: &&User| user.keys.iter().any(|key| key.id == id);
        let user = account.users.values().find(has).ok_or_else(|| errors::no_key(id))?;
        let never = || Some("N/A".to_owned());
        let used =
            model::iam::AccessKeyLastUsed { last_used_date: None, service_name: never(), region: never() };
        Ok(GetAccessKeyLastUsedOutput {
            user_name: Some(user.entity.name.clone()),
            access_key_last_used: Some(used),
        })
    }
}
