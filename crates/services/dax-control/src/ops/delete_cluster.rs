//! DeleteCluster: the name goes. Clients that are connected stay so: the listener is the server's.
//!
//! Order of refusals: the model's constraints; whether DAX is served; whether the cluster is there, and available.

use super::{constraints, on_cluster};
use crate::cluster::{Change, Cluster, Doing, Place};
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{DeleteCluster, DeleteClusterInput, DeleteClusterOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for DeleteCluster {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteClusterInput> = Validation::Own;
    type Plan = String;

    fn check(input: DeleteClusterInput) -> Result<String, ApiError> {
        constraints(&input)?;
        Ok(input.cluster_name.unwrap_or_default().to_ascii_lowercase())
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, name: &'a String) -> Access<'a> {
        on_cluster(cx, "dax:DeleteCluster", Some(name)).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, name: String) -> Result<DeleteClusterOutput, ApiError> {
        let place = Place::of(cx)?;
        let change = |cluster: &mut Cluster| {
            cluster.change = Change::begun(cx, Doing::Deleting);
            Ok(())
        };
        let cluster = cx.service.change_cluster(cx, &name, "Cluster deleted.", change).await?;
        Ok(DeleteClusterOutput { cluster: Some(cluster.shown(&place, true)) })
    }
}
