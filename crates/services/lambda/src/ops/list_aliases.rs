//! ListAliases: the aliases of a function in the order of their names, perhaps only those of one version, 50 a page.

use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{AliasConfiguration, ListAliases, ListAliasesInput, ListAliasesOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 50;

impl Operation<Lambda> for ListAliases {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListAliasesInput> = Validation::MODEL;
    type Plan = ListAliasesInput;

    fn check(input: ListAliasesInput) -> Result<ListAliasesInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a ListAliasesInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:ListAliases", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: ListAliasesInput) -> Result<ListAliasesOutput, ApiError> {
        let arn = named(cx, &input)?;
        let function = cx.service.functions.function(&arn).await?;
        let limit = input.max_items.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize;
        let is_asked =
            |version: &String| input.function_version.as_ref().is_none_or(|asked| asked == version);
        let mut found = function.aliases.iter().filter(|(name, alias)| {
            is_asked(&alias.version) && input.marker.as_ref().is_none_or(|marker| *name >= marker)
        });
        let aliases: Vec<AliasConfiguration> = found
            .by_ref()
            .take(limit)
            .map(|(name, alias)| alias.configuration(&arn.qualified(name)))
            .collect();
        let next_marker = found.next().map(|(name, _)| name.clone());
        Ok(ListAliasesOutput { aliases: Some(aliases), next_marker })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &ListAliasesInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
