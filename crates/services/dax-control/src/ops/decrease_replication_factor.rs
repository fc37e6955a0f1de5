//! DecreaseReplicationFactor: fewer nodes, those that are named or the youngest.
//!
//! Order of refusals: the model's constraints; the number of nodes; whether DAX is served; whether the cluster is
//! there, available and larger; whether the nodes are there and as many as go.

use super::{constraints, on_cluster};
use crate::cluster::{Change, Cluster, Doing, Place, checked_factor};
use crate::errors;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{
    DecreaseReplicationFactor, DecreaseReplicationFactorInput, DecreaseReplicationFactorOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for.
pub struct Asked {
    name: String,
    factor: usize,
    removed: Option<Vec<String>>,
}

impl Operation<DaxControl> for DecreaseReplicationFactor {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DecreaseReplicationFactorInput> = Validation::Own;
    type Plan = Asked;

    fn check(input: DecreaseReplicationFactorInput) -> Result<Asked, ApiError> {
        constraints(&input)?;
        let factor = checked_factor(input.new_replication_factor.unwrap_or_default())?;
        let name = input.cluster_name.unwrap_or_default().to_ascii_lowercase();
        Ok(Asked { name, factor, removed: input.node_ids_to_remove.filter(|ids| !ids.is_empty()) })
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, asked: &'a Asked) -> Access<'a> {
        on_cluster(cx, "dax:DecreaseReplicationFactor", Some(&asked.name)).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, asked: Asked) -> Result<DecreaseReplicationFactorOutput, ApiError> {
        let place = Place::of(cx)?;
        let change = |cluster: &mut Cluster| {
            shrink(cluster, &asked)?;
            cluster.change = Change::begun(cx, Doing::Modifying);
            Ok(())
        };
        let cluster = cx.service.change_cluster(cx, &asked.name, "Nodes removed.", change).await?;
        Ok(DecreaseReplicationFactorOutput { cluster: Some(cluster.shown(&place, true)) })
    }
}

fn shrink(cluster: &mut Cluster, asked: &Asked) -> Result<(), ApiError> {
    let surplus = cluster.nodes.len().saturating_sub(asked.factor);
    if surplus == 0 {
        let text = format!("NewReplicationFactor must be below {}.", cluster.nodes.len());
        return Err(errors::invalid_value(text));
    }
    let Some(removed) = &asked.removed else {
        cluster.nodes.truncate(asked.factor);
        return Ok(());
    };
    if let Some(missing) = removed.iter().find(|id| cluster.nodes.iter().all(|node| node.id != **id)) {
        return Err(errors::no_node(missing));
    }
    let rest = cluster.nodes.iter().filter(|node| !removed.contains(&node.id)).count();
    if rest != asked.factor {
        let text = format!("NodeIdsToRemove must name {surplus} nodes.");
        return Err(errors::invalid_combination(text));
    }
    cluster.nodes.retain(|node| !removed.contains(&node.id));
    Ok(())
}
