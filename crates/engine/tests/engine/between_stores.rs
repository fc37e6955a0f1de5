//! Replicas on three stores come to the same, whatever is written where, whichever batches come twice, late or not at
//! once, and whatever the clocks say; nothing that was deleted comes back, and in the end no tombstone is kept.

use crate::fixture::*;
use engine::replication::{Carried, Rows};
use engine::table::{Elsewhere, GlobalTable, OwnSettings, RemoteReplica, RemoteState};
use engine::{IndexKind, KeyType, NewTable, Projected, Scope, Table, Write};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::Random;
use store::lease::Lease;
use types::Item;

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];

/// A region on a store of its own.
struct Site {
    world: World,
    region: &'static str,
}

struct Sites {
    sites: [Site; 3],
    random: Random,
    /// Batches that were written once, with where.
    sent: Vec<(usize, Vec<Carried>)>,
    /// By key: what the last write has put, if it was no deletion.
    expected: BTreeMap<(&'static str, i64), Option<i64>>,
    note: i64,
}

fn definition(region: &str) -> NewTable {
    let by_group = index("by_group", IndexKind::Global, keys(&[("g", KeyType::S)], &[]), Projected::All);
    let scope = Scope { region: region.into(), ..scope() };
    NewTable {
        scope,
        ..new_table("things", keys(&[("pk", KeyType::S)], &[("sk", KeyType::N)]), vec![by_group])
    }
}

impl Site {
    fn table(&self) -> Arc<Table> {
        self.world
            .engine
            .table(&Scope { region: self.region.into(), ..scope() }, "things")
            .expect("a replica")
    }

    fn items(&self, index: Option<usize>) -> Vec<Item> {
        let table = self.table();
        scan(&self.world, &table, index.map(|at| &table.indexes[at]))
    }
}

impl Sites {
    /// A table with items in the first region, of which the others become replicas while it is written to.
    fn of(seed: u64) -> Sites {
        let site = |at: usize| Site { world: World::new(), region: REGIONS[at] };
        let (random, expected) = (Random::from_seed(seed), BTreeMap::new());
        let mut sites =
            Sites { sites: [site(0), site(1), site(2)], random, sent: Vec::new(), expected, note: 0 };
        now(sites.sites[0].world.engine.create_table(definition(REGIONS[0]))).unwrap();
        (0..10).for_each(|_| sites.write(0));
        (1..3).for_each(|at| sites.join(at));
        sites
    }

    fn below(&self, end: usize) -> usize {
        (self.random.next_u64() % end as u64) as usize
    }

    fn join(&mut self, at: usize) {
        let (region, source): (Arc<str>, Arc<str>) = (REGIONS[at].into(), REGIONS[0].into());
        for known in 0..at {
            let Site { world, .. } = &self.sites[known];
            let members = [self.sites[known].table()];
            let own = OwnSettings::default();
            now(world.engine.add_remote_replica(&members, (&region, &own), &source)).unwrap();
        }
        let group = self.sites[0].table().global().unwrap().group.clone();
        let replica = |known: usize| RemoteReplica::new(REGIONS[known], RemoteState::Active);
        let mut new = definition(REGIONS[at]);
        new.settings.global = Some(GlobalTable::to_be_filled(&group, Vec::new()));
        let replicas = (0..at).map(replica).collect();
        new.settings.elsewhere = Some(Box::new(Elsewhere { replicas, ..Elsewhere::default() }));
        now(self.sites[at].world.engine.create_table(new)).unwrap();
        let mut rows = Some(Rows::default());
        while let Some(from) = rows {
            let source = &self.sites[0];
            let (lot, next) = source.world.engine.rows_for_copy(&source.table(), &from).unwrap();
            rows = next;
            self.write(0);
            now(self.sites[at].world.engine.take_carried(&self.sites[at].table(), lot)).unwrap();
        }
        now(self.sites[at].world.engine.complete_replica(&self.sites[at].table())).unwrap();
        for known in 0..at {
            let members = [self.sites[known].table()];
            let engine = &self.sites[known].world.engine;
            now(engine.set_remote_replica(&members, REGIONS[at], RemoteState::Active)).unwrap();
        }
    }

    /// Time passes everywhere, so the last write wins, where clocks agree.
    fn write(&mut self, at: usize) {
        let (pk, sk) = (["a", "b", "c"][self.below(3)], self.below(4) as i64);
        self.note += 1;
        let is_put = self.below(3) > 0;
        let (engine, table) = (&self.sites[at].world.engine, self.sites[at].table());
        let is_there = get(&self.sites[at].world, &table, &key(pk, sk)).is_some();
        let note = item(&[("pk", s(pk)), ("sk", n(sk)), ("g", s("all")), ("note", n(self.note))]);
        let write = if is_put { Write::put(&table, note) } else { Write::delete(&table, key(pk, sk)) };
        now(engine.write(&table, &write.unwrap())).unwrap();
        if is_put || is_there {
            self.expected.insert((pk, sk), is_put.then_some(self.note));
        }
        let passed = 1 + self.below(50) as u64;
        self.sites.iter().for_each(|site| site.world.clock.advance_micros(passed));
    }

    /// Brings one batch, perhaps without that being kept. False: there was none.
    fn bring(&mut self, from: usize, to: usize, is_kept: bool) -> bool {
        let (engine, table) = (&self.sites[from].world.engine, self.sites[from].table());
        let Some(consumer) = table.replication_consumers().find(|consumer| consumer.id == REGIONS[to]) else {
            return false;
        };
        let (changes, done) = now(engine.changes_for(&table, consumer, u64::MAX)).unwrap();
        let taken = now(self.sites[to].world.engine.take_carried(&self.sites[to].table(), changes.clone()));
        taken.unwrap();
        if is_kept && done.records > 0 {
            now(engine.changes_are_there(&table, consumer, &done, &Lease::NotNeeded)).unwrap();
        }
        self.sent.push((to, changes));
        done.records > 0
    }

    fn step(&mut self) {
        let (from, to) = (self.below(3), self.below(3));
        match self.below(10) {
            0..6 => self.write(from),
            6..8 => _ = self.bring(from, to, true),
            8 => _ = self.bring(from, to, false),
            _ if self.sent.is_empty() => {}
            _ => {
                let (to, batch) = self.sent[self.below(self.sent.len())].clone();
                now(self.sites[to].world.engine.take_carried(&self.sites[to].table(), batch)).unwrap();
            }
        }
    }

    fn settle(&mut self) {
        let pairs = || (0..3).flat_map(|from| (0..3).map(move |to| (from, to)));
        while pairs()
            .filter(|(from, to)| from != to)
            .fold(false, |any, (from, to)| self.bring(from, to, true) | any)
        {}
        let first = self.sites[0].items(None);
        for site in &self.sites {
            assert_eq!(site.items(None), first, "{}", site.region);
            assert_eq!(site.items(Some(0)), first, "by_group in {}", site.region);
        }
    }

    /// Forgets all tombstones that nobody needs: the feeds were read by all.
    fn sweep(&self) {
        for Site { world, .. } in &self.sites {
            world.clock.advance_micros(61_000_000);
        }
        for site in &self.sites {
            let (engine, table) = (&site.world.engine, site.table());
            let members = [Arc::clone(&table)];
            assert!(now(engine.all_have_read(&members, now(engine.mark()).unwrap())).unwrap());
            engine.forget_old_tombstones(&engine.old_tombstones(&table, None).unwrap()).unwrap();
            assert!(engine.old_tombstones(&table, None).unwrap().are_none(), "{}", site.region);
        }
    }
}

#[test]
fn random_writes_at_three_stores_come_to_the_same() {
    for seed in 0..40 {
        let mut sites = Sites::of(seed);
        for _ in 0..200 {
            sites.step();
        }
        sites.settle();
        let expected = sites.expected.iter().filter_map(|((pk, sk), note)| {
            Some(item(&[("pk", s(pk)), ("sk", n(*sk)), ("g", s("all")), ("note", n((*note)?))]))
        });
        let mut expected: Vec<Item> = expected.collect();
        expected.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        assert_eq!(sites.sites[0].items(None), expected, "seed {seed}");
        sites.sweep();
        (0..30).for_each(|_| sites.write(sites.below(3)));
        sites.settle();
    }
}

#[test]
fn clocks_that_differ_only_decide_who_wins() {
    for seed in 100..120 {
        let mut sites = Sites::of(seed);
        sites.sites[1].world.clock.advance_micros(40_000_000);
        sites.sites[2].world.clock.advance_micros(3_000);
        for _ in 0..200 {
            sites.step();
        }
        sites.settle();
    }
}

#[test]
fn a_replica_elsewhere_is_forgotten_with_what_was_kept_for_it() {
    let mut sites = Sites::of(7);
    sites.settle();
    let engine = sites.sites[0].world.engine.clone();
    for region in &REGIONS[1..] {
        let members = [sites.sites[0].table()];
        now(engine.forget_remote_replica(&members, region)).unwrap();
    }
    sites.sites[0].world.finish_jobs();
    let alone = sites.sites[0].table();
    assert_eq!((alone.global(), alone.replication_consumers().count()), (None, 0));
    assert!(alone.settings.elsewhere.is_none());
    sites.write(0);
}
