//! DescribeParameters: the parameters of a group, or those that its owner (`user`) or nobody (`system`) has set.
//!
//! Order of refusals: the model's constraints; the page; whether the group is there.

use super::{constraints, on_cluster};
use crate::page::Page;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{DescribeParameters, DescribeParametersInput, DescribeParametersOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for.
pub struct Asked {
    name: String,
    source: Option<String>,
    page: Page,
}

impl Operation<DaxControl> for DescribeParameters {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeParametersInput> = Validation::Own;
    type Plan = Asked;

    fn check(input: DescribeParametersInput) -> Result<Asked, ApiError> {
        constraints(&input)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        let name = input.parameter_group_name.unwrap_or_default().to_ascii_lowercase();
        Ok(Asked { name, source: input.source, page })
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Asked) -> Access<'a> {
        on_cluster(cx, "dax:DescribeParameters", None).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, asked: Asked) -> Result<DescribeParametersOutput, ApiError> {
        let mut parameters = cx.service.parameter_group(cx, &asked.name).await?.parameters();
        parameters.retain(|parameter| asked.source.is_none() || parameter.source == asked.source);
        let (parameters, next_token) = asked.page.cut(parameters);
        Ok(DescribeParametersOutput { next_token, parameters: Some(parameters) })
    }
}
