//! ListVersionsByFunction: the unpublished version, then the published ones in the order of their numbers, 50 a page.

use crate::describe::{Moment, configuration};
use crate::errors;
use crate::name::{Arn, LATEST};
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    FunctionConfiguration, ListVersionsByFunction, ListVersionsByFunctionInput, ListVersionsByFunctionOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 50;

impl Operation<Lambda> for ListVersionsByFunction {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListVersionsByFunctionInput> = Validation::MODEL;
    type Plan = ListVersionsByFunctionInput;

    fn check(input: ListVersionsByFunctionInput) -> Result<ListVersionsByFunctionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a ListVersionsByFunctionInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:ListVersionsByFunction", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: ListVersionsByFunctionInput,
    ) -> Result<ListVersionsByFunctionOutput, ApiError> {
        let from = input
            .marker
            .as_deref()
            .map_or(Ok(0), |marker| marker.parse().map_err(|_| errors::invalid_marker()))?;
        let arn = named(cx, &input)?;
        let function = cx.service.functions.function(&arn).await?;
        let limit = input.max_items.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize;
        let show =
            |number: &str, version| configuration(&arn.qualified(number), number, version, Moment::List);
        let latest = (from == 0).then(|| (0, show(LATEST, &function.latest)));
        let published = function.versions.range(from.max(1)..);
        let mut all = latest
            .into_iter()
            .chain(published.map(|(number, version)| (*number, show(&number.to_string(), version))));
        let versions: Vec<FunctionConfiguration> = all.by_ref().take(limit).map(|(_, shown)| shown).collect();
        let next_marker = all.next().map(|(number, _)| number.to_string());
        Ok(ListVersionsByFunctionOutput { versions: Some(versions), next_marker })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &ListVersionsByFunctionInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
