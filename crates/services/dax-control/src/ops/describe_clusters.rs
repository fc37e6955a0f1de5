//! DescribeClusters: clusters by name, or those that are named.
//!
//! Order of refusals: the page; whether there are such clusters; whether DAX is served.

use super::{constraints, on_cluster};
use crate::cluster::Place;
use crate::page::Page;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{DescribeClusters, DescribeClustersInput, DescribeClustersOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for DescribeClusters {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeClustersInput> = Validation::Own;
    type Plan = (Vec<String>, Page);

    fn check(input: DescribeClustersInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let page = Page::of(input.next_token.as_deref(), input.max_results)?;
        let names = input.cluster_names.unwrap_or_default();
        Ok((names.into_iter().map(|name| name.to_ascii_lowercase()).collect(), page))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, (names, _): &'a Self::Plan) -> Access<'a> {
        match names.is_empty() {
            true => on_cluster(cx, "dax:DescribeClusters", None).into(),
            false => names.iter().map(|name| on_cluster(cx, "dax:DescribeClusters", Some(name))).collect(),
        }
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (names, page): Self::Plan,
    ) -> Result<DescribeClustersOutput, ApiError> {
        let mut found = cx.service.clusters(cx).await?;
        if let Some(missing) = names.iter().find(|name| found.iter().all(|cluster| cluster.name != **name)) {
            return Err(crate::errors::no_cluster(missing));
        }
        found.retain(|cluster| names.is_empty() || names.contains(&cluster.name));
        let (found, next_token) = page.cut(found);
        let mut clusters = Vec::with_capacity(found.len());
        for cluster in &found {
            clusters.push(cluster.shown(&Place::of(cx)?, false));
        }
        Ok(DescribeClustersOutput { next_token, clusters: Some(clusters) })
    }
}
