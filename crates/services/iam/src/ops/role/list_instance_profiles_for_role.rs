//! ListInstanceProfilesForRole: the instance profiles of a role: there are no instances, so none.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    ListInstanceProfilesForRole, ListInstanceProfilesForRoleInput, ListInstanceProfilesForRoleOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListInstanceProfilesForRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListInstanceProfilesForRoleInput> = Validation::MODEL;
    type Plan = ListInstanceProfilesForRoleInput;

    fn check(input: ListInstanceProfilesForRoleInput) -> Result<ListInstanceProfilesForRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListInstanceProfilesForRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListInstanceProfilesForRole", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListInstanceProfilesForRoleInput,
    ) -> Result<ListInstanceProfilesForRoleOutput, ApiError> {
        service::account(cx).role(text(&input.role_name))?;
        Ok(ListInstanceProfilesForRoleOutput {
            instance_profiles: Some(Vec::new()),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
