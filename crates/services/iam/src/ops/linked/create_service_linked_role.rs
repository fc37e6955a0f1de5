//! CreateServiceLinkedRole: the role of a service, with its one policy.
//!
//! Order of refusals: the service, the suffix, the role being there.

use crate::account::folded;
use crate::errors;
use crate::ids;
use crate::linked;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{CreateServiceLinkedRole, CreateServiceLinkedRoleInput, CreateServiceLinkedRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for CreateServiceLinkedRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateServiceLinkedRoleInput> = Validation::MODEL;
    type Plan = CreateServiceLinkedRoleInput;

    fn check(input: CreateServiceLinkedRoleInput) -> Result<CreateServiceLinkedRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreateServiceLinkedRoleInput) -> Access<'static> {
        service::need(
            cx,
            "iam:CreateServiceLinkedRole",
            &format!("role/aws-service-role/{}/*", text(&input.aws_service_name)),
        )
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: CreateServiceLinkedRoleInput,
    ) -> Result<CreateServiceLinkedRoleOutput, ApiError> {
        let service = text(&input.aws_service_name);
        let linked = linked::of_service(service).ok_or_else(|| errors::unknown_service(service))?;
        if input.custom_suffix.is_some() {
            return Err(errors::no_suffix(service));
        }
        let (id, created) = (ids::draw_unique_id("AROA", cx.random), service::seconds(cx));
        let role = service::change(cx, |account| {
            if account.roles.contains_key(&folded(linked.role)) {
                return Err(errors::linked_role_exists(linked.role));
            }
            let role = linked.role(&id, created, input.description.clone());
            account.roles.insert(folded(linked.role), role.clone());
            Ok(role)
        });
        let role = model::iam::Role {
            max_session_duration: Some(3_600),
            ..show::role_created(&role.await?, &cx.caller.account)
        };
        Ok(CreateServiceLinkedRoleOutput { role: Some(role) })
    }
}
