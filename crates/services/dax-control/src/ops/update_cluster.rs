//! UpdateCluster: other settings of a cluster.
//!
//! Order of refusals: the model's constraints, all together; whether DAX is served; whether the parameter group is
//! there; whether the cluster is, and available.

use super::{constraints, on_cluster};
use crate::cluster::{Change, Cluster, Doing, Place, Topic};
use crate::errors;
use crate::service::DaxControl;
use model::ApiError;
use model::dax::{UpdateCluster, UpdateClusterInput, UpdateClusterOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for UpdateCluster {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateClusterInput> = Validation::Own;
    type Plan = (String, UpdateClusterInput);

    fn check(input: UpdateClusterInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let status = input.notification_topic_status.as_deref();
        if status.is_some_and(|status| !matches!(status, "active" | "inactive")) {
            return Err(errors::invalid_value("NotificationTopicStatus must be active or inactive."));
        }
        Ok((input.cluster_name.as_deref().unwrap_or_default().to_ascii_lowercase(), input))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, (name, _): &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:UpdateCluster", Some(name)).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (name, input): Self::Plan,
    ) -> Result<UpdateClusterOutput, ApiError> {
        let place = Place::of(cx)?;
        let group = input.parameter_group_name.as_deref().map(str::to_ascii_lowercase);
        let change = |cluster: &mut Cluster| {
            set(cluster, input.clone());
            cluster.change = Change::begun(cx, Doing::Modifying);
            Ok(())
        };
        let (service, message) = (cx.service, "Cluster modified.");
        let cluster = match &group {
            Some(group) => service.change_cluster_to_group(cx, &name, group, message, change).await?,
            None => service.change_cluster(cx, &name, message, change).await?,
        };
        Ok(UpdateClusterOutput { cluster: Some(cluster.shown(&place, true)) })
    }
}

fn set(cluster: &mut Cluster, input: UpdateClusterInput) {
    cluster.description = input.description.or(cluster.description.take());
    if let Some(ids) = input.security_group_ids {
        cluster.security_groups = ids;
    }
    if let Some(window) = input.preferred_maintenance_window {
        cluster.maintenance_window = window;
    }
    if let Some(group) = input.parameter_group_name {
        cluster.parameter_group = group.to_ascii_lowercase();
    }
    if let Some(arn) = input.notification_topic_arn {
        cluster.topic = (!arn.is_empty()).then(|| Topic { arn, status: "active".to_owned() });
    }
    if let (Some(topic), Some(status)) = (&mut cluster.topic, input.notification_topic_status) {
        topic.status = status;
    }
}
