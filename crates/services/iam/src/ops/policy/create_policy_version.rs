//! CreatePolicyVersion: another version of a managed policy, which becomes the default one on demand; five versions a
//! policy.
//!
//! Order of refusals: the document, the policy, the number of versions.

use crate::account::Version;
use crate::errors;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{CreatePolicyVersion, CreatePolicyVersionInput, CreatePolicyVersionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Versions of one policy.
const VERSIONS_MAX: usize = 5;

impl Operation<Iam> for CreatePolicyVersion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreatePolicyVersionInput> = Validation::MODEL;
    type Plan = CreatePolicyVersionInput;

    fn check(input: CreatePolicyVersionInput) -> Result<CreatePolicyVersionInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &CreatePolicyVersionInput) -> Access<'static> {
        service::need_arn("iam:CreatePolicyVersion", text(&input.policy_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: CreatePolicyVersionInput,
    ) -> Result<CreatePolicyVersionOutput, ApiError> {
        let (arn, document) = (text(&input.policy_arn), text(&input.policy_document));
        rules::managed_document(document)?;
        let created = service::seconds(cx);
        let version = service::change(cx, |account| {
            let policy = account.policy_mut(arn)?;
            if policy.versions.len() >= VERSIONS_MAX {
                return Err(errors::too_many_versions(VERSIONS_MAX));
            }
            policy.last_version += 1;
            policy.updated = created;
            if input.set_as_default == Some(true) {
                policy.default_version = policy.last_version;
            }
            let version = Version { number: policy.last_version, document: document.to_owned(), created };
            policy.versions.push(version.clone());
            Ok(show::version(&version, policy.default_version, false))
        });
        Ok(CreatePolicyVersionOutput { policy_version: Some(version.await?) })
    }
}
