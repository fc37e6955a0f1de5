//! Tables that are there become replicas of each other, with what they have, and a replica goes its own way.

use crate::fixture::*;
use crate::regions::*;
use crate::replication::{REGIONS, bring, bring_all, definition, members};
use engine::{Joined, Refusal, Write, WriteError};
use store::Store;
use types::{Item, ItemBuilder};

/// Tables of the regions, each by itself.
fn apart() -> World {
    let world = World::new();
    for region in REGIONS {
        now(world.engine.create_table(definition(region))).unwrap();
    }
    world
}

/// All replicas have these items, beside the attributes that tell when and where they were written; byte by byte the
/// same in all, in their indexes too.
fn have(world: &World, regions: &[&str], expected: &[Item]) {
    let first = table(world, regions[0]);
    for region in regions {
        let table = table(world, region);
        let items = scan(world, &table, None);
        let mut own: Vec<_> = items.iter().map(without_attributes).collect();
        own.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes())); // as scans are
        assert_eq!(own, expected, "{region}");
        assert_eq!(items, scan(world, &first, None), "{region}");
        assert_eq!(items, scan(world, &table, Some(&table.indexes[0])), "by_group in {region}");
        assert_eq!(now(world.engine.statistics(&table)).unwrap().items, expected.len() as i64, "{region}");
    }
}

fn without_attributes(item: &Item) -> Item {
    let mut own = ItemBuilder::new();
    let attributes = (0..item.as_ref().len()).map(|at| item.as_ref().entry_bytes(at));
    for (name, value) in attributes.filter(|(name, _)| !name.starts_with("aws:rep:")) {
        own.put_encoded(name, value);
    }
    own.build()
}

fn join(world: &World, regions: &[&str]) {
    let members: Vec<_> = regions.iter().map(|region| table(world, region)).collect();
    now(world.engine.join_replicas(&members, Joined { since_micros: 7, ..Joined::default() })).unwrap();
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
    let finish = || now(world.engine.finish_parting(&table(&world, "eu-west-1"), marked, |_| true)).unwrap();
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
        assert!(now(world.engine.finish_parting(&table(&world, region), marked, |_| true)).unwrap());
        assert_eq!(table(&world, region).global(), None);
    }
}

#[test]
fn an_item_with_its_attributes_is_no_larger_than_any() {
    let world = apart();
    join(&world, &REGIONS[..2]);
    let table = table(&world, "us-east-1");
    let room = 400 * 1024 - thing("a", 1, 1).size_bytes() - "filler".len();
    let filled = |bytes: usize| {
        item(&[
            ("pk", s("a")),
            ("sk", n(1)),
            ("g", s("all")),
            ("note", n(1)),
            ("filler", s(&"x".repeat(bytes))),
        ])
    };
    let write = |item: Item| now(world.engine.write(&table, &Write::put(&table, item).unwrap()));
    assert!(matches!(write(filled(room)), Err(WriteError::Refused(Refusal::ItemTooLarge))));
    write(filled(room - 200)).unwrap();
    bring_all(&world);
    have(&world, &REGIONS[..2], &[filled(room - 200)]);
}
