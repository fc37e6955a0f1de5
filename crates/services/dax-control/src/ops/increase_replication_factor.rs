//! IncreaseReplicationFactor: more nodes, which are all this server.
//!
//! Order of refusals: the model's constraints; the number of nodes; whether DAX is served; whether the cluster is
//! there, available and smaller.

use super::{constraints, on_cluster};
use crate::cluster::{Change, Cluster, Doing, Place, checked_factor};
use crate::errors;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{
    IncreaseReplicationFactor, IncreaseReplicationFactorInput, IncreaseReplicationFactorOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// What is asked for.
pub struct Asked {
    name: String,
    factor: usize,
    zones: Vec<String>,
}

impl Operation<DaxControl> for IncreaseReplicationFactor {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<IncreaseReplicationFactorInput> = Validation::Own;
    type Plan = Asked;

    fn check(input: IncreaseReplicationFactorInput) -> Result<Asked, ApiError> {
        constraints(&input)?;
        let factor = checked_factor(input.new_replication_factor.unwrap_or_default())?;
        let name = input.cluster_name.unwrap_or_default().to_ascii_lowercase();
        Ok(Asked { name, factor, zones: input.availability_zones.unwrap_or_default() })
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, asked: &'a Asked) -> Access<'a> {
        on_cluster(cx, "dax:IncreaseReplicationFactor", Some(&asked.name)).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        Asked { name, factor, zones }: Asked,
    ) -> Result<IncreaseReplicationFactorOutput, ApiError> {
        let place = Place::of(cx)?;
        let change = |cluster: &mut Cluster| {
            if factor <= cluster.nodes.len() {
                let text = format!("NewReplicationFactor must be above {}.", cluster.nodes.len());
                return Err(errors::invalid_value(text));
            }
            cluster.grow(factor, place.region, &zones, place.now_micros);
            cluster.change = Change::begun(cx, Doing::Modifying);
            Ok(())
        };
        let cluster = cx.service.change_cluster(cx, &name, "Nodes added.", change).await?;
        Ok(IncreaseReplicationFactorOutput { cluster: Some(cluster.shown(&place, true)) })
    }
}
