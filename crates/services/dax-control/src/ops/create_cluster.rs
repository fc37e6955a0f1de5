//! CreateCluster: another name for the listener of DAX's clients.
//!
//! Order of refusals: the model's constraints, all together; name, type of nodes, their number, network and tags;
//! whether DAX is served, and by TLS where that is asked for; whether the groups are there; whether the name is free;
//! how many clusters there are.

use super::{constraints, on_cluster};
use crate::cluster::{self, CLUSTERS_MAX, Change, Cluster, Doing, Place, Topic};
use crate::service::DaxControl;
use crate::{errors, event, parameter_group, subnet_group, tags};
use model::ApiError;
use model::dax::{CreateCluster, CreateClusterInput, CreateClusterOutput};
use pipeline::access::{ConditionKeys, Tags, Values, one};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::collections::BTreeMap;
use store::documents::Transaction;

const NETWORK_TYPES: [&str; 3] = ["ipv4", "ipv6", "dual_stack"];
const ENCRYPTION_TYPES: [&str; 2] = ["NONE", "TLS"];
/// What AWS chooses is the region's.
const MAINTENANCE_WINDOW: &str = "sun:23:00-mon:01:00";

/// What is asked for.
pub struct Asked {
    name: String,
    factor: usize,
    tags: BTreeMap<String, String>,
    input: CreateClusterInput,
}

impl Operation<DaxControl> for CreateCluster {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateClusterInput> = Validation::Own;
    type Plan = Asked;

    fn check(mut input: CreateClusterInput) -> Result<Asked, ApiError> {
        constraints(&input)?;
        let name = cluster::checked_name(input.cluster_name.as_deref().unwrap_or_default())?;
        cluster::check_node_type(input.node_type.as_deref().unwrap_or_default())?;
        let factor = cluster::checked_factor(input.replication_factor.unwrap_or_default())?;
        check_word("NetworkType", input.network_type.as_deref(), &NETWORK_TYPES)?;
        let encryption = input.cluster_endpoint_encryption_type.as_deref();
        check_word("ClusterEndpointEncryptionType", encryption, &ENCRYPTION_TYPES)?;
        if !input.iam_role_arn.as_deref().unwrap_or_default().starts_with("arn:") {
            return Err(errors::invalid_value("IamRoleArn is not the ARN of a role."));
        }
        let tags = tags::checked(input.tags.take())?;
        tags::check_count(&tags)?;
        Ok(Asked { name, factor, tags, input })
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, asked: &'a Asked) -> Access<'a> {
        let create =
            on_cluster(cx, "dax:CreateCluster", Some(&asked.name)).tagged(Tags::set(asked.tags.clone()));
        let role = asked.input.iam_role_arn.as_deref().unwrap_or_default();
        let pass = Need::new("iam:PassRole", role).with_condition_keys(PassedToDax);
        [create, pass].into_iter().collect()
    }

    async fn run(cx: &Cx<'_, DaxControl>, asked: Asked) -> Result<CreateClusterOutput, ApiError> {
        let place = Place::of(cx)?;
        let wants_tls = asked.input.cluster_endpoint_encryption_type.as_deref() == Some("TLS");
        if wants_tls && !place.reached.is_tls {
            return Err(errors::no_tls());
        }
        let cluster = cluster_of(cx, asked);
        let (account, region) = (&*cx.caller.account, &*cx.caller.region);
        let keys = [
            cluster::key(account, region, &cluster.name),
            parameter_group::key(account, region, &cluster.parameter_group),
            subnet_group::key(account, region, &cluster.subnet_group),
        ];
        let is_known = |cluster: &Cluster| cluster.status(cx.now_micros).is_some();
        let create = |documents: &mut Transaction<'_>, all: &[Cluster]| {
            parameter_group::check(&cluster.parameter_group, documents.is_there(1))?;
            subnet_group::check(&cluster.subnet_group, documents.is_there(2))?;
            if documents.get(0).is_some_and(|old| is_known(&old)) {
                return Err(errors::cluster_exists(&cluster.name));
            }
            if all.iter().filter(|cluster| is_known(cluster)).count() >= CLUSTERS_MAX {
                return Err(errors::too_many_clusters(CLUSTERS_MAX));
            }
            documents.put(0, &cluster);
            Ok(())
        };
        cx.service.change_over(cx, cluster::KIND, &keys, create).await?;
        cx.service.tell(cx, event::Of::Cluster, &cluster.name, "Cluster created.").await?;
        Ok(CreateClusterOutput { cluster: Some(cluster.shown(&place, true)) })
    }
}

/// What the role may be handed to. Who may ask the cluster reads and writes what the cluster may.
struct PassedToDax;

impl ConditionKeys for PassedToDax {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (key == "iam:passedtoservice").then(|| one("dax.amazonaws.com"))
    }
}

fn check_word(member: &str, word: Option<&str>, known: &[&str]) -> Result<(), ApiError> {
    match word {
        Some(word) if !known.contains(&word) => {
            Err(errors::invalid_value(format!("{member} must be one of {}.", known.join(", "))))
        }
        _ => Ok(()),
    }
}

fn cluster_of(cx: &Cx<'_, DaxControl>, asked: Asked) -> Cluster {
    let Asked { name, factor, tags, input } = asked;
    let group =
        |name: Option<String>, default: &str| name.unwrap_or_else(|| default.to_owned()).to_ascii_lowercase();
    let window = input.preferred_maintenance_window;
    let mut cluster = Cluster {
        name,
        description: input.description,
        node_type: input.node_type.unwrap_or_default(),
        nodes: Vec::new(),
        iam_role_arn: input.iam_role_arn.unwrap_or_default(),
        security_groups: input.security_group_ids.unwrap_or_default(),
        maintenance_window: window.unwrap_or_else(|| MAINTENANCE_WINDOW.to_owned()),
        topic: input.notification_topic_arn.map(|arn| Topic { arn, status: "active".to_owned() }),
        subnet_group: group(input.subnet_group_name, subnet_group::DEFAULT),
        parameter_group: group(input.parameter_group_name, parameter_group::DEFAULT),
        is_encrypted: input.sse_specification.and_then(|sse| sse.enabled).unwrap_or(false),
        is_tls: input.cluster_endpoint_encryption_type.as_deref() == Some("TLS"),
        network_type: input.network_type.unwrap_or_else(|| NETWORK_TYPES[0].to_owned()),
        tags,
        change: Change::begun(cx, Doing::Creating),
    };
    cluster.grow(factor, &cx.caller.region, &input.availability_zones.unwrap_or_default(), cx.now_micros);
    cluster
}
