//! ListEntitiesForPolicy: the users, groups and roles that a managed policy is attached to, or is the boundary of.

use crate::account::{Entity, Owner};
use crate::errors;
use crate::managed::Managed;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    ListEntitiesForPolicy, ListEntitiesForPolicyInput, ListEntitiesForPolicyOutput, PolicyGroup, PolicyRole,
    PolicyUser,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListEntitiesForPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListEntitiesForPolicyInput> = Validation::MODEL;
    type Plan = ListEntitiesForPolicyInput;

    fn check(input: ListEntitiesForPolicyInput) -> Result<ListEntitiesForPolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &ListEntitiesForPolicyInput) -> Access<'static> {
        service::need_arn("iam:ListEntitiesForPolicy", text(&input.policy_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListEntitiesForPolicyInput,
    ) -> Result<ListEntitiesForPolicyOutput, ApiError> {
        let (account, arn) = (service::account(cx), text(&input.policy_arn));
        if Managed::named(arn).is_none() && account.policy(arn).is_none() {
            return Err(errors::no_policy(arn));
        }
        let is_boundary = input.policy_usage_filter.as_deref() == Some("PermissionsBoundary");
        let has = |entity: &Entity| match is_boundary {
            true => entity.boundary.as_deref() == Some(arn),
            false => entity.attached.contains(arn),
        };
        let named = |owner| {
            let of_kind = account.entities().filter(move |(kind, entity)| *kind == owner && has(entity));
            of_kind.map(|(_, entity)| (Some(entity.name.clone()), Some(entity.id.clone())))
        };
        let users = named(Owner::User).map(|(user_name, user_id)| PolicyUser { user_name, user_id });
        let groups = named(Owner::Group).map(|(group_name, group_id)| PolicyGroup { group_name, group_id });
        let roles = named(Owner::Role).map(|(role_name, role_id)| PolicyRole { role_name, role_id });
        Ok(ListEntitiesForPolicyOutput {
            policy_groups: Some(groups.collect()),
            policy_users: Some(users.collect()),
            policy_roles: Some(roles.collect()),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
