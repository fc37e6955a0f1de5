//! ListSSHPublicKeys: the SSH keys of a user: there are none.

use crate::account::Owner;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{ListSSHPublicKeys, ListSSHPublicKeysInput, ListSSHPublicKeysOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListSSHPublicKeys {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListSSHPublicKeysInput> = Validation::MODEL;
    type Plan = ListSSHPublicKeysInput;

    fn check(input: ListSSHPublicKeysInput) -> Result<ListSSHPublicKeysInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListSSHPublicKeysInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:ListSSHPublicKeys",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListSSHPublicKeysInput,
    ) -> Result<ListSSHPublicKeysOutput, ApiError> {
        service::account(cx).user(&service::user_or_own(cx, input.user_name.as_deref())?)?;
        Ok(ListSSHPublicKeysOutput {
            ssh_public_keys: Some(Vec::new()),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
