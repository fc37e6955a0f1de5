//! CreateRole: a role, with the policy that says who may assume it.
//!
//! Order of refusals: tags, the trust policy, the boundary, the name.

use crate::account::{Entity, Role, folded};
use crate::errors;
use crate::ids;
use crate::rules;
use crate::rules::{boundary_exists, path, text};
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{CreateRole, CreateRoleInput, CreateRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// How long a session may last where nothing is said.
const SESSION_SECONDS: i64 = 3_600;

impl Operation<Iam> for CreateRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateRoleInput> = Validation::MODEL;
    type Plan = CreateRoleInput;

    fn check(input: CreateRoleInput) -> Result<CreateRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreateRoleInput) -> Access<'static> {
        service::need(cx, "iam:CreateRole", &format!("role{}{}", path(&input.path), text(&input.role_name)))
            .tagged(service::tags(&input.tags))
    }

    async fn run(cx: &Cx<'_, Iam>, input: CreateRoleInput) -> Result<CreateRoleOutput, ApiError> {
        let (name, id) = (text(&input.role_name), ids::draw_unique_id("AROA", cx.random));
        let (tags, trust) = (rules::tags(&input.tags)?, text(&input.assume_role_policy_document));
        rules::trust_document(trust)?;
        let role = service::change(cx, |account| {
            if let Some(boundary) = &input.permissions_boundary {
                boundary_exists(account, boundary)?;
            }
            if account.roles.contains_key(&folded(name)) {
                return Err(errors::exists("Role", name));
            }
            let entity = Entity {
                path: path(&input.path),
                name: name.to_owned(),
                id: id.clone(),
                created: service::seconds(cx),
                tags: tags.clone(),
                boundary: input.permissions_boundary.clone(),
                ..Entity::default()
            };
            let role = Role {
                entity,
                trust: trust.to_owned(),
                description: input.description.clone(),
                session_seconds_max: input.max_session_duration.unwrap_or(SESSION_SECONDS) as u64,
                service: None,
            };
            account.roles.insert(folded(name), role.clone());
            Ok(role)
        });
        Ok(CreateRoleOutput { role: Some(show::role_created(&role.await?, &cx.caller.account)) })
    }
}
