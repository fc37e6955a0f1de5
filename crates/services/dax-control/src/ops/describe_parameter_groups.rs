//! DescribeParameterGroups: groups by name, with the one that is always there, or those that are named.
//!
//! Order of refusals: the page; whether there are such groups.

use super::{constraints, on_cluster};
use crate::page::Page;
use crate::parameter_group::{self, ParameterGroup};
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{DescribeParameterGroups, DescribeParameterGroupsInput, DescribeParameterGroupsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for DescribeParameterGroups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeParameterGroupsInput> = Validation::Own;
    type Plan = (Vec<String>, Page);

    fn check(input: DescribeParameterGroupsInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        let names = input.parameter_group_names.unwrap_or_default();
        Ok((names.into_iter().map(|name| name.to_ascii_lowercase()).collect(), page))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:DescribeParameterGroups", None).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (names, page): Self::Plan,
    ) -> Result<DescribeParameterGroupsOutput, ApiError> {
        let mut groups: Vec<ParameterGroup> = cx.service.all(cx, parameter_group::KIND).await?;
        groups.push(ParameterGroup::default_group());
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(missing) = names.iter().find(|name| groups.iter().all(|group| group.name != **name)) {
            return Err(crate::errors::no_parameter_group(missing));
        }
        groups.retain(|group| names.is_empty() || names.contains(&group.name));
        let (groups, next_token) = page.cut(groups);
        let parameter_groups = Some(groups.iter().map(ParameterGroup::shown).collect());
        Ok(DescribeParameterGroupsOutput { next_token, parameter_groups })
    }
}
