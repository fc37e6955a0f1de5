//! ListFunctions: the functions of a region in the order of their names, 50 a page. Lists leave states out.

use crate::describe::{Moment, configuration};
use crate::errors;
use crate::function::Function;
use crate::name::{Arn, LATEST};
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{FunctionConfiguration, ListFunctions, ListFunctionsInput, ListFunctionsOutput};
use pipeline::{Access, Caller, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 50;
/// What a marker begins with; behind it is the last name of the page before.
const MARKER: &str = "1:";

impl Operation<Lambda> for ListFunctions {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListFunctionsInput> = Validation::MODEL;
    type Plan = ListFunctionsInput;

    fn check(input: ListFunctionsInput) -> Result<ListFunctionsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Lambda>, _: &'a ListFunctionsInput) -> Access<'a> {
        Need::new("lambda:ListFunctions", "*").into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: ListFunctionsInput) -> Result<ListFunctionsOutput, ApiError> {
        let after = input.marker.as_deref().map(last_name).transpose()?;
        let limit = input.max_items.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize;
        let caller = cx.caller;
        let listed = cx.service.functions.list(&caller.account, &caller.region, after, limit + 1).await?;
        let page = &listed[..listed.len().min(limit)];
        let next_marker = (listed.len() > limit).then(|| page.last()).flatten();
        let with_versions = input.function_version.is_some();
        Ok(ListFunctionsOutput {
            next_marker: next_marker.map(|function| format!("{MARKER}{}", function.name)),
            functions: Some(
                page.iter().flat_map(|function| shown(caller, function, with_versions)).collect(),
            ),
        })
    }
}

fn last_name(marker: &str) -> Result<&str, ApiError> {
    marker.strip_prefix(MARKER).ok_or_else(errors::invalid_marker)
}

fn shown(caller: &Caller, function: &Function, with_versions: bool) -> Vec<FunctionConfiguration> {
    let arn = Arn::of(caller, &function.name);
    let show = |number: &str, version| {
        let arn = if with_versions { arn.qualified(number) } else { arn.clone() };
        configuration(&arn, number, version, Moment::List)
    };
    let published = function.versions.iter().filter(|_| with_versions);
    let latest = show(LATEST, &function.latest);
    [latest]
        .into_iter()
        .chain(published.map(|(number, version)| show(&number.to_string(), version)))
        .collect()
}
