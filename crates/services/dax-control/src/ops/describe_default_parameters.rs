//! DescribeDefaultParameters: what holds where no group says otherwise.
//!
//! Order of refusals: the page.

use super::{constraints, on_cluster};
use crate::page::Page;
use crate::parameter_group::ParameterGroup;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{
    DescribeDefaultParameters, DescribeDefaultParametersInput, DescribeDefaultParametersOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for DescribeDefaultParameters {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeDefaultParametersInput> = Validation::Own;
    type Plan = Page;

    fn check(input: DescribeDefaultParametersInput) -> Result<Page, ApiError> {
        constraints(&input)?;
        Page::of(input.next_token.as_deref(), input.max_results)
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Page) -> Access<'a> {
        on_cluster(cx, "dax:DescribeDefaultParameters", None).into()
    }

    async fn run(_: &Cx<'_, DaxControl>, page: Page) -> Result<DescribeDefaultParametersOutput, ApiError> {
        let (parameters, next_token) = page.cut(ParameterGroup::default_group().parameters());
        Ok(DescribeDefaultParametersOutput { next_token, parameters: Some(parameters) })
    }
}
