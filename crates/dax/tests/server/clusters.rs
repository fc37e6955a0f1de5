//! What the control plane says of clusters holds for who is connected already.

use super::world::{World, hex, vectors};
use dax::Limits;
use dax_control::DaxControl;
use identity::Strictness;
use model::dax::{
    CreateCluster, CreateClusterInput, CreateParameterGroup, CreateParameterGroupInput, DeleteCluster,
    DeleteClusterInput, ParameterNameValue, UpdateParameterGroup, UpdateParameterGroupInput,
};
use pipeline::Operation;

const GET: &str = "011a0fb0cc6a44546162534161bfff";
const SCAN: &str = "013a6fc8309b4454616253f6";
const MISSING: [u8; 2] = [0x80, 0xf6];

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn control<O: Operation<DaxControl>>(world: &World, input: O::Input) {
    world.control::<O>(input).await;
}

async fn cluster_with(world: &World, name: &str, times: &[(&str, &str)]) {
    let group = CreateParameterGroupInput { parameter_group_name: text(name), description: None };
    control::<CreateParameterGroup>(world, group).await;
    let cluster = CreateClusterInput {
        cluster_name: text(name),
        node_type: text("dax.t3.small"),
        replication_factor: Some(1),
        iam_role_arn: text("arn:aws:iam::1:role/dax"),
        parameter_group_name: text(name),
        ..CreateClusterInput::default()
    };
    control::<CreateCluster>(world, cluster).await;
    set(world, name, times).await;
}

async fn set(world: &World, name: &str, times: &[(&str, &str)]) {
    let value = |(name, value): &(&str, &str)| ParameterNameValue {
        parameter_name: text(name),
        parameter_value: text(value),
    };
    let times = Some(times.iter().map(value).collect());
    let input = UpdateParameterGroupInput { parameter_group_name: text(name), parameter_name_values: times };
    control::<UpdateParameterGroup>(world, input).await;
}

async fn world() -> World {
    let world = World::start(Strictness::Off, Limits::default()).await;
    world.create_tables(&vectors()).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn items_hold_for_the_shortest_time_that_a_cluster_has() {
    let world = world().await;
    let mut client = world.client().await;
    let mut hits = 0;
    let mut expect = async |is_hit: bool, what: &str| {
        assert_eq!(client.ask(&hex(GET), 1).await.as_deref(), Some(&MISSING[..]));
        hits += u64::from(is_hit);
        assert_eq!(world.counted("ItemCacheHits"), hits, "{what}");
    };
    expect(false, "nothing is cached").await;
    cluster_with(&world, "long", &[("record-ttl-millis", "0")]).await;
    cluster_with(&world, "short", &[("record-ttl-millis", "1000")]).await;
    expect(true, "what was read before has its old time").await;
    world.clock.advance_micros(300_000_000);
    expect(false, "which is over").await;
    world.clock.advance_micros(999_999);
    expect(true, "within the new time").await;
    world.clock.advance_micros(1);
    expect(false, "behind it").await;
    control::<DeleteCluster>(&world, DeleteClusterInput { cluster_name: text("short") }).await;
    world.clock.advance_micros(1_000_000);
    expect(false, "behind it").await;
    world.clock.advance_micros(3_600_000_000);
    expect(true, "without end").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_of_zero_ends_the_caching_of_pages() {
    let world = world().await;
    let mut client = world.client().await;
    let mut first = None;
    for (hits, times) in [(0, None), (1, None), (1, Some("0")), (1, None), (1, Some("60000")), (2, None)] {
        match times {
            Some("0") => {
                cluster_with(&world, "none", &[("query-ttl-millis", "0")]).await;
                world.clock.advance_micros(300_000_000);
            }
            Some(millis) => set(&world, "none", &[("query-ttl-millis", millis)]).await,
            None => {}
        }
        let answer = client.ask(&hex(SCAN), 1).await.expect("an answer");
        assert_eq!(&answer, first.get_or_insert_with(|| answer.clone()));
        assert_eq!(world.counted("ScanCacheHits"), hits, "{times:?}");
    }
}
