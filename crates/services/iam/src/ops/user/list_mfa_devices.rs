//! ListMFADevices: the MFA devices of a user: there are none.

use crate::account::Owner;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{ListMFADevices, ListMFADevicesInput, ListMFADevicesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListMFADevices {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListMFADevicesInput> = Validation::MODEL;
    type Plan = ListMFADevicesInput;

    fn check(input: ListMFADevicesInput) -> Result<ListMFADevicesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListMFADevicesInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:ListMFADevices",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListMFADevicesInput) -> Result<ListMFADevicesOutput, ApiError> {
        service::account(cx).user(&service::user_or_own(cx, input.user_name.as_deref())?)?;
        Ok(ListMFADevicesOutput { mfa_devices: Some(Vec::new()), is_truncated: Some(false), marker: None })
    }
}
