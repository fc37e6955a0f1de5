use super::*;
use crate::lease::{Asked, LEASE_MICROS, Leases};
use crate::memory::MemoryStore;
use crate::slow::SlowStore;
use crate::wait::wait;
use stdx::ManualClock;

const SCOPE: RecordScope<'_> = RecordScope::Region { service: "s", kind: "k", account: "a", region: "r" };

fn key(id: &str) -> RecordKey {
    RecordKey::new("s", "k", "a", "r", id)
}

fn memory() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Arc::new(ManualClock::at(1))))
}

fn add(documents: &Documents, id: &str) -> u64 {
    let changed = wait(documents.change(&key(id), |old: Option<u64>| {
        let new = old.unwrap_or_default() + 1;
        Ok::<_, ()>((Some(new), new))
    }));
    changed.unwrap().unwrap()
}

fn ids(listed: &[(RecordKey, u64)]) -> Vec<&str> {
    listed.iter().map(|(key, _)| key.id.as_str()).collect()
}

#[test]
fn documents_are_changed_listed_in_pages_and_deleted() {
    let documents = Documents::of(memory(), 1);
    assert_eq!(wait(documents.get::<u64>(&key("x"))), Ok(None));
    for id in ["b", "a", "c", "a"] {
        add(&documents, id);
    }
    assert_eq!(wait(documents.get::<u64>(&key("a"))), Ok(Some(2)));
    assert_eq!(ids(&wait(documents.list(SCOPE, None, 10)).unwrap()), ["a", "b", "c"]);
    assert_eq!(ids(&wait(documents.list(SCOPE, None, 2)).unwrap()), ["a", "b"]);
    assert_eq!(ids(&wait(documents.list(SCOPE, Some(&key("a")), 2)).unwrap()), ["b", "c"]);
    assert!(wait(documents.list::<u64>(SCOPE, None, 0)).unwrap().is_empty());
    let delete = |_: Option<u64>| Ok::<_, ()>((None, ()));
    wait(documents.change(&key("b"), delete)).unwrap().unwrap();
    assert_eq!(ids(&wait(documents.list(SCOPE, None, 10)).unwrap()), ["a", "c"]);
}

#[test]
fn what_is_refused_or_cannot_be_read_changes_nothing() {
    let (old, store): (_, Arc<dyn Store>) = (1, memory());
    let documents = Documents::of(Arc::clone(&store), old);
    add(&documents, "a");
    let refused = wait(documents.transact(&[key("a"), key("b")], |documents| {
        documents.put(1, &7);
        documents.delete(0);
        Err::<(), _>("no")
    }));
    assert_eq!(refused, Ok(Err("no")));
    let unreadable = wait(documents.transact(&[key("a"), key("b")], |documents| {
        documents.put(1, &7);
        Ok::<_, ()>(documents.get::<String>(0))
    }));
    assert!(matches!(unreadable, Err(RecordError::Damaged { .. })), "{unreadable:?}");
    assert_eq!(ids(&wait(documents.list(SCOPE, None, 10)).unwrap()), ["a"]);
    add(&Documents::of(store, 2), "new");
    let newer = wait(documents.change(&key("new"), |old: Option<u64>| Ok::<_, ()>((old, ()))));
    assert!(matches!(newer, Err(RecordError::Newer { found: 2, known: 1, .. })), "{newer:?}");
}

#[test]
fn a_watch_tells_of_changes_and_of_nothing_else() {
    let documents = Documents::of(memory(), 1);
    let watch = documents.watch(RecordScope::Kind { service: "s", kind: "k" });
    assert_eq!(watch.version(), 0);
    add(&documents, "a");
    assert_eq!(watch.version(), 1);
    wait(documents.change(&key("a"), |_: Option<u64>| Err::<(_, ()), _>(()))).unwrap().unwrap_err();
    wait(documents.change(&key("gone"), |_: Option<u64>| Ok::<_, ()>((None, ())))).unwrap().unwrap();
    assert_eq!(watch.version(), 1);
}

#[test]
fn changes_beside_each_other_are_all_made_on_a_store_that_is_slow_and_loses_answers() {
    for seed in 0..20 {
        let documents = Documents::of(Arc::new(SlowStore::new(memory(), seed).losing_one_of(3)), 1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10).for_each(|_| _ = add(&documents, "a")));
            }
        });
        assert_eq!(wait(documents.get::<u64>(&key("a"))), Ok(Some(40)), "seed {seed}");
    }
}

#[test]
fn work_whose_lease_is_lost_changes_nothing() {
    let clock = Arc::new(ManualClock::at(1));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
    let take = |owner| match wait(Leases::of(Arc::clone(&store), clock.clone(), owner).take("work")).unwrap()
    {
        Asked::Granted(lease) => lease,
        Asked::HeldUntil(until) => panic!("held until {until}"),
    };
    let documents = Documents::of(Arc::clone(&store), 1);
    let put = |lease: &Lease, now| {
        let put = |documents: &mut Transaction<'_>| {
            documents.put(0, &now);
            Ok::<_, ()>(())
        };
        wait(documents.transact_under(lease, now, &[key("a")], put))
    };
    let first = take(1);
    assert_eq!(put(&first, 2), Ok(Ok(())));
    clock.advance_micros(LEASE_MICROS);
    let second = take(2);
    assert_eq!(put(&first, 3), Err(ChangeError::LeaseLost));
    assert_eq!(put(&second, 4), Ok(Ok(())));
    assert_eq!(wait(documents.get::<u64>(&key("a"))), Ok(Some(4)));
}

/// Adds a document where there are fewer than three, or says how many there are.
fn add_a_third(documents: &Documents, id: &str) -> Result<(), usize> {
    let keys = [key(id)];
    let add = |documents: &mut Transaction<'_>, all: &[u64]| {
        if all.len() >= 3 {
            return Err(all.len());
        }
        documents.put(0, &1_u64);
        Ok(())
    };
    wait(documents.transact_over(SCOPE, &keys, add)).unwrap()
}

#[test]
fn no_two_servers_count_the_same_place() {
    for seed in 0..20 {
        let store: Arc<dyn Store> = Arc::new(SlowStore::new(memory(), seed).losing_one_of(3));
        let servers = [(); 4].map(|()| Documents::of(Arc::clone(&store), 1));
        let added: usize = std::thread::scope(|scope| {
            let add = |server: usize, documents| {
                (0..4).filter(|n| add_a_third(documents, &format!("{server}-{n}")).is_ok()).count()
            };
            let each: Vec<_> =
                servers.iter().enumerate().map(|(at, server)| scope.spawn(move || add(at, server))).collect();
            each.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(added, 3, "seed {seed}");
        assert_eq!(wait(servers[0].list::<u64>(SCOPE, None, 10)).unwrap().len(), 3, "seed {seed}");
        assert_eq!(add_a_third(&servers[1], "one more"), Err(3));
    }
}

#[test]
fn what_is_gone_makes_room() {
    let documents = Documents::of(memory(), 1);
    ["a", "b", "c"].iter().for_each(|id| add_a_third(&documents, id).unwrap());
    assert_eq!(add_a_third(&documents, "d"), Err(3));
    wait(documents.change(&key("a"), |_: Option<u64>| Ok::<_, ()>((None, ())))).unwrap().unwrap();
    assert_eq!(add_a_third(&documents, "d"), Ok(()));
    assert_eq!(ids(&wait(documents.list(SCOPE, None, 10)).unwrap()), ["b", "c", "d"]);
}
