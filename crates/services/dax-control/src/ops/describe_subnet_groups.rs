//! DescribeSubnetGroups: groups by name, with the one that is always there, or those that are named.
//!
//! Order of refusals: the page; whether there are such groups.

use super::{constraints, on_cluster};
use crate::page::Page;
use crate::service::DaxControl;
use crate::subnet_group::{self, SubnetGroup};
use model::ApiError;
use model::dax::{DescribeSubnetGroups, DescribeSubnetGroupsInput, DescribeSubnetGroupsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for DescribeSubnetGroups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeSubnetGroupsInput> = Validation::Own;
    type Plan = (Vec<String>, Page);

    fn check(input: DescribeSubnetGroupsInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        let names = input.subnet_group_names.unwrap_or_default();
        Ok((names.into_iter().map(|name| name.to_ascii_lowercase()).collect(), page))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:DescribeSubnetGroups", None).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (names, page): Self::Plan,
    ) -> Result<DescribeSubnetGroupsOutput, ApiError> {
        let mut groups: Vec<SubnetGroup> = cx.service.all(cx, subnet_group::KIND).await?;
        groups.push(SubnetGroup::default_group());
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(missing) = names.iter().find(|name| groups.iter().all(|group| group.name != **name)) {
            return Err(crate::errors::no_subnet_group(missing));
        }
        groups.retain(|group| names.is_empty() || names.contains(&group.name));
        let (groups, next_token) = page.cut(groups);
        let subnet_groups = Some(groups.iter().map(|group| group.shown(&cx.caller.region)).collect());
        Ok(DescribeSubnetGroupsOutput { next_token, subnet_groups })
    }
}
