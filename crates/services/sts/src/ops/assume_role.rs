//! AssumeRole: a session of a role, limited by policies that are handed in.
//!
//! Order of refusals: the model's constraints; the ARN, tags, policies; the role's trust, which also stands for a role
//! that is not there; the length of the session; the size of policies and tags.

use crate::errors;
use crate::role_session::{self, Asked};
use crate::service::Sts;
use crate::session::{self, Wanted};
use iam::session::SessionPolicy;
use model::ApiError;
use model::sts::{AssumeRole, AssumeRoleInput, AssumeRoleOutput};
use pipeline::{Access, Caller, Cx, Kind, Operation, Validation};

/// How long a session lasts where nothing is said.
const SECONDS: i64 = 3_600;

/// An input whose parts are read.
#[derive(Debug)]
pub struct Plan {
    input: AssumeRoleInput,
    policies: Option<Vec<SessionPolicy>>,
    tags: Vec<(String, String)>,
    transitive: Vec<String>,
}

impl Operation<Sts> for AssumeRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AssumeRoleInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: AssumeRoleInput) -> Result<Plan, ApiError> {
        role_session::parse_arn(input.role_arn.as_deref().unwrap_or_default())?;
        let tags = session::tags(&input.tags)?;
        let transitive = input.transitive_tag_keys.clone().unwrap_or_default();
        let is_tag = |key: &String| tags.iter().any(|(own, _)| own.eq_ignore_ascii_case(key));
        if !transitive.iter().all(is_tag) {
            return Err(errors::no_such_transitive_tag());
        }
        let policies = session::policies(&input.policy, &input.policy_arns)?;
        Ok(Plan { input, policies, tags, transitive })
    }

    /// The role's trust is part of the decision, so `run` makes it.
    fn access(_: &Cx<'_, Sts>, _: &Plan) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Cx<'_, Sts>, plan: Plan) -> Result<AssumeRoleOutput, ApiError> {
        let Plan { input, policies, tags, transitive } = plan;
        let (directory, name) = (&cx.service.directory, input.role_session_name.unwrap_or_default());
        let (tags, transitive) = with_inherited(cx.caller, tags, transitive)?;
        let asked = Asked {
            action: "sts:AssumeRole",
            session: &name,
            external_id: input.external_id.as_deref(),
            source_identity: input.source_identity.as_deref(),
            tags: &tags,
            transitive: &transitive,
            ..Asked::default()
        };
        let arn = input.role_arn.unwrap_or_default();
        let found = role_session::admit(cx, directory, &arn, &asked)?;
        let wanted = Wanted {
            seconds: input.duration_seconds.unwrap_or(SECONDS) as u64,
            policies,
            source_identity: input.source_identity.clone(),
            tags,
            transitive,
            ..Wanted::default()
        };
        let (made, user) = role_session::begin(cx, directory, &found, &name, wanted)?;
        Ok(AssumeRoleOutput {
            credentials: Some(made.credentials),
            assumed_role_user: Some(user),
            packed_policy_size: made.packed_percent,
            source_identity: input.source_identity,
            ..AssumeRoleOutput::default()
        })
    }
}

type Tags = Vec<(String, String)>;

/// Tags that the calling session hands on come with the new one, and cannot be given again.
fn with_inherited(
    caller: &Caller,
    mut tags: Tags,
    mut transitive: Vec<String>,
) -> Result<(Tags, Vec<String>), ApiError> {
    for (key, value) in &caller.principal.transitive_tags {
        if transitive.iter().any(|own| own.eq_ignore_ascii_case(key)) {
            return Err(errors::inherited_tag());
        }
        tags.retain(|(own, _)| !own.eq_ignore_ascii_case(key));
        tags.push((key.clone(), value.clone()));
        transitive.push(key.clone());
    }
    Ok((tags, transitive))
}
