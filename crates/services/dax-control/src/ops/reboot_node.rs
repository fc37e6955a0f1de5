//! RebootNode: a node shows as starting again. Nothing else happens to it: it is this server, which serves on.
//!
//! Order of refusals: the model's constraints; whether DAX is served; whether the cluster is there, and available;
//! whether it has the node.

use super::{constraints, on_cluster};
use crate::cluster::{Change, Cluster, Doing, Place};
use crate::errors;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{RebootNode, RebootNodeInput, RebootNodeOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for RebootNode {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RebootNodeInput> = Validation::Own;
    /// Cluster and node.
    type Plan = (String, String);

    fn check(input: RebootNodeInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let name = input.cluster_name.unwrap_or_default().to_ascii_lowercase();
        Ok((name, input.node_id.unwrap_or_default()))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, (name, _): &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:RebootNode", Some(name)).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, (name, id): Self::Plan) -> Result<RebootNodeOutput, ApiError> {
        let place = Place::of(cx)?;
        let change = |cluster: &mut Cluster| {
            if cluster.nodes.iter().all(|node| node.id != id) {
                return Err(errors::no_node(&id));
            }
            cluster.change = Change { node: Some(id.clone()), ..Change::begun(cx, Doing::Rebooting) };
            Ok(())
        };
        let message = format!("Node {id} rebooted.");
        let cluster = cx.service.change_cluster(cx, &name, &message, change).await?;
        Ok(RebootNodeOutput { cluster: Some(cluster.shown(&place, true)) })
    }
}
