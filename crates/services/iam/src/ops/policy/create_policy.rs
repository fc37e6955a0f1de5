//! CreatePolicy: a managed policy with its first version.
//!
//! Order of refusals: tags, the document, the name.

use crate::account::{ManagedPolicy, Version, folded};
use crate::errors;
use crate::ids;
use crate::rules;
use crate::rules::{path, text};
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{CreatePolicy, CreatePolicyInput, CreatePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for CreatePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreatePolicyInput> = Validation::MODEL;
    type Plan = CreatePolicyInput;

    fn check(input: CreatePolicyInput) -> Result<CreatePolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreatePolicyInput) -> Access<'static> {
        service::need(
            cx,
            "iam:CreatePolicy",
            &format!("policy{}{}", path(&input.path), text(&input.policy_name)),
        )
        .tagged(service::tags(&input.tags))
    }

    async fn run(cx: &Cx<'_, Iam>, input: CreatePolicyInput) -> Result<CreatePolicyOutput, ApiError> {
        let (name, id) = (text(&input.policy_name), ids::draw_unique_id("ANPA", cx.random));
        let (tags, document) = (rules::tags(&input.tags)?, text(&input.policy_document));
        rules::managed_document(document)?;
        let created = service::seconds(cx);
        let shown = service::change(cx, |account| {
            if account.policies.contains_key(&folded(name)) {
                return Err(errors::policy_exists(name));
            }
            let policy = ManagedPolicy {
                path: path(&input.path),
                name: name.to_owned(),
                id: id.clone(),
                description: input.description.clone(),
                created,
                updated: created,
                tags: tags.clone(),
                versions: vec![Version { number: 1, document: document.to_owned(), created }],
                default_version: 1,
                last_version: 1,
            };
            let shown = show::policy_listed(&policy, account, &cx.caller.account);
            let shown = model::iam::Policy { tags: show::tags(&policy.tags), ..shown };
            account.policies.insert(folded(name), policy);
            Ok(shown)
        });
        Ok(CreatePolicyOutput { policy: Some(shown.await?) })
    }
}
