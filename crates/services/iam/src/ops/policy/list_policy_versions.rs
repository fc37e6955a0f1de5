//! ListPolicyVersions: the versions of a managed policy, the newest first.

use crate::account::Version;
use crate::errors;
use crate::managed::Managed;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListPolicyVersions, ListPolicyVersionsInput, ListPolicyVersionsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListPolicyVersions {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListPolicyVersionsInput> = Validation::MODEL;
    type Plan = ListPolicyVersionsInput;

    fn check(input: ListPolicyVersionsInput) -> Result<ListPolicyVersionsInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &ListPolicyVersionsInput) -> Access<'static> {
        service::need_arn("iam:ListPolicyVersions", text(&input.policy_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListPolicyVersionsInput,
    ) -> Result<ListPolicyVersionsOutput, ApiError> {
        let (account, arn) = (service::account(cx), text(&input.policy_arn));
        let versions = match Managed::named(arn) {
            Some(managed) => {
                let created = Managed::CREATED as u64;
                vec![show::version(&Version { number: 1, document: managed.document(), created }, 1, false)]
            }
            None => {
                let policy = account.policy(arn).ok_or_else(|| errors::no_policy(arn))?;
                let newest_first = policy.versions.iter().rev();
                newest_first.map(|version| show::version(version, policy.default_version, false)).collect()
            }
        };
        Ok(ListPolicyVersionsOutput { versions: Some(versions), is_truncated: Some(false), marker: None })
    }
}
