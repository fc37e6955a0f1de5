//! ListAliases: of an account and region, or of one key.

use super::metadata::seconds;
use crate::alias::{self, Alias};
use crate::page::{self, Page};
use crate::service::Kms;
use crate::service::scope_of;
use engine::Scope;
use model::ApiError;
use model::kms::AliasListEntry;
use model::kms::{ListAliases, ListAliasesInput, ListAliasesOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const LIMIT: usize = 50;

impl Operation<Kms> for ListAliases {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListAliasesInput> = Validation::MODEL;
    type Plan = ListAliasesInput;

    fn check(input: ListAliasesInput) -> Result<ListAliasesInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a ListAliasesInput) -> Access<'a> {
        _ = (cx, plan);
        Need::new("kms:ListAliases", "*").into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListAliasesInput) -> Result<ListAliasesOutput, ApiError> {
        let (scope, limit) = (scope_of(cx.caller), page::limit(plan.limit, LIMIT));
        let marker = page::marker(plan.marker.as_deref())?;
        let of_key = match plan.key_id.as_deref() {
            Some(named) => Some(cx.service.keys.find(&scope, named, cx.now_micros).await?.id),
            None => None,
        };
        // Those of one key are few among all.
        let wanted = if of_key.is_some() { usize::MAX } else { limit + 1 };
        let mut aliases = cx.service.keys.aliases(&scope, marker, wanted).await?;
        aliases.retain(|alias| of_key.as_ref().is_none_or(|id| alias.key_id == *id));
        let page = Page::of(aliases, limit, |alias| alias.name.clone());
        Ok(ListAliasesOutput {
            aliases: Some(page.entries.into_iter().map(|alias| entry(&scope, alias)).collect()),
            next_marker: page.next_marker,
            truncated: Some(page.truncated),
        })
    }
}

fn entry(scope: &Scope, alias: Alias) -> AliasListEntry {
    AliasListEntry {
        alias_arn: Some(alias::arn(scope, &alias.name)),
        alias_name: Some(alias.name),
        target_key_id: Some(alias.key_id),
        creation_date: Some(seconds(alias.created_micros)),
        last_updated_date: Some(seconds(alias.updated_micros)),
    }
}
