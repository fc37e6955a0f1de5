//! Tables that are there become replicas of each other, with what they have, and a replica goes its own way.

use crate::fixture::*;
use crate::regions::*;
use crate::replication::{REGIONS, bring, bring_all, definition, have, members};
use store::Store;

/// Tables of the regions, each by itself.
fn apart() -> World {
    let world = World::new();
    for region in REGIONS {
        now(world.engine.create_table(definition(region))).unwrap();
    }
    world
}

fn join(world: &World, regions: &[&str]) {
    let members: Vec<_> = regions.iter().map(|region| table(world, region)).collect();
    now(world.engine.join_replicas(&members, 7)).unwrap();
    world.finish_jobs();
}

#[test]
fn tables_that_are_there_become_replicas_with_what_they_have() {
    let world = apart();
    // Written just before, behind the look whether they are empty.
    put(&world, "us-east-1", thing("a", 1, 1));
    put(&world, "eu-west-1", thing("b", 1, 1));
    join(&world, &REGIONS[..2]);
    have(&world, &REGIONS[..2], &[thing("a", 1, 1), thing("b", 1, 1)]);
    put(&world, "us-east-1", thing("b", 1, 2));
    delete(&world, "eu-west-1", key("a", 1));
    bring_all(&world);
    have(&world, &REGIONS[..2], &[thing("b", 1, 2)]);
    join(&world, &REGIONS);
    put(&world, "ap-south-1", thing("c", 1, 1));
    bring_all(&world);
    have(&world, &REGIONS, &[thing("c", 1, 1), thing("b", 1, 2)]);
    assert_eq!(table(&world, "ap-south-1").global().unwrap().legacy_since_micros, Some(7));
}

#[test]
fn a_replica_that_goes_its_own_way_leaves_the_others_equal() {
    let world = apart();
    join(&world, &REGIONS);
    put(&world, "eu-west-1", thing("a", 1, 1));
    put(&world, "us-east-1", thing("b", 1, 1));
    let parting = members(&world, "eu-west-1");
    now(world.engine.begin_parting(&parting)).unwrap();
    let marked = now(async { world.store.newest().await }).unwrap();
    put(&world, "eu-west-1", thing("z", 1, 1));
    let finish = || now(world.engine.finish_parting(&table(&world, "eu-west-1"), marked)).unwrap();
    assert!(!finish());
    bring(&world, "eu-west-1", "us-east-1");
    bring(&world, "us-east-1", "eu-west-1");
    bring(&world, "ap-south-1", "eu-west-1");
    assert!(!finish(), "ap-south-1 does not have all of it");
    bring_all(&world);
    assert!(finish());
    world.finish_jobs();
    put(&world, "us-east-1", thing("c", 1, 1));
    bring_all(&world);
    have(&world, &["us-east-1", "ap-south-1"], &[thing("a", 1, 1), thing("b", 1, 1), thing("c", 1, 1)]);
    have(&world, &["eu-west-1"], &[thing("a", 1, 1), thing("b", 1, 1), thing("z", 1, 1)]);
    let alone = table(&world, "eu-west-1");
    assert_eq!((alone.global(), alone.replication_consumers().count()), (None, 0));
    assert_eq!(table(&world, "us-east-1").global().unwrap().regions.len(), 1);
    // The last one is one still, and then none.
    for region in ["us-east-1", "ap-south-1"] {
        now(world.engine.begin_parting(&members(&world, region))).unwrap();
        bring_all(&world);
        let marked = now(async { world.store.newest().await }).unwrap();
        assert!(now(world.engine.finish_parting(&table(&world, region), marked)).unwrap());
        assert_eq!(table(&world, region).global(), None);
    }
}
