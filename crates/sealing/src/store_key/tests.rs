use super::*;
use stdx::SystemClock;
use store::wait::wait;
use store::{Decision, Locking, MemoryStore, Mutation, OldRows, Plan, RowWrite, SlowStore};
use store_suite::random_test::{Length, RandomTest};

/// Wraps by adding a number: the tests are not about root keys.
struct Root(u8);

impl Wrapping for Root {
    fn wrap(&self, _: &str, bytes: &[u8]) -> Vec<u8> {
        [&[self.0], bytes].concat()
    }

    fn unwrap(&self, _: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        (wrapped[0] == self.0).then(|| Zeroizing::new(wrapped[1..].to_vec()))
    }
}

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(Arc::new(SystemClock)))
}

fn sealed(store: Arc<dyn Store>) -> Arc<dyn Store> {
    wait(open(store, Some(&Root(1)), true, Random::from_seed(1))).unwrap()
}

fn put(store: &dyn Store, key: &[u8], row: &[u8]) {
    let plan =
        Plan { rows: vec![RowWrite { key: key.to_vec(), row: Some(row.to_vec()) }], ..Plan::default() };
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys: &[key], fences: &[], locking: Locking::Single, decide }).wait().unwrap();
}

fn get(store: &dyn Store, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let mut found = None;
    let visit = &mut |row: Option<&[u8]>| found = row.map(<[u8]>::to_vec);
    store.get(key, Consistency::Strong, visit).wait()?;
    Ok(found)
}

#[test]
fn a_sealed_store_conforms() {
    store_suite::conformance::run(&mut || sealed(memory()));
}

#[test]
fn so_does_one_that_answers_late() {
    let mut seed = 0;
    store_suite::conformance::run(&mut || {
        seed += 1;
        let memory = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
        sealed(Arc::new(SlowStore::new(memory, seed)))
    });
}

#[test]
fn random_operations_are_answered_right() {
    let test = RandomTest { round_operations: 300, ..RandomTest::new(3, Length::Operations(600)) };
    assert_eq!(test.run(sealed(memory())).descriptions, Vec::<String>::new());
}

#[test]
fn a_store_opens_under_its_root_key_only() {
    let store = memory();
    put(sealed(Arc::clone(&store)).as_ref(), b"k", b"row");
    let open = |root: Option<&(dyn Wrapping + Sync)>, wanted| {
        wait(open(Arc::clone(&store), root, wanted, Random::from_seed(2)))
    };
    for wanted in [true, false] {
        let again = open(Some(&Root(1)), wanted).unwrap();
        assert_eq!(get(again.as_ref(), b"k"), Ok(Some(b"row".to_vec())));
        assert!(matches!(open(Some(&Root(2)), wanted), Err(StoreKeyError::WrongRootKey)));
        assert!(matches!(open(None, wanted), Err(StoreKeyError::NoRootKey)));
    }
}

#[test]
fn a_store_with_open_data_is_not_sealed() {
    let store = memory();
    put(store.as_ref(), b"k", b"row");
    let opened = wait(open(Arc::clone(&store), Some(&Root(1)), true, Random::from_seed(1)));
    assert!(matches!(opened, Err(StoreKeyError::HasOpenData)));
    assert!(wait(open(store, None, false, Random::from_seed(1))).is_ok());
}

#[test]
fn what_was_put_there_by_somebody_else_is_refused() {
    let below = memory();
    let above = sealed(Arc::clone(&below));
    put(above.as_ref(), b"a", b"row of a");
    let stored = get(below.as_ref(), b"a").unwrap().unwrap();
    assert!(!stored.windows(3).any(|window| window == b"row"));
    for (row, told) in [
        (&stored[..], "does not open"),
        (&stored[..20], "cut short"),
        (&stored[..stored.len() - 1], "does not open"),
        (b"open", "not sealed"),
    ] {
        put(below.as_ref(), b"b", row);
        let StoreError::Corrupt(why) = get(above.as_ref(), b"b").unwrap_err() else {
            panic!("another error")
        };
        assert!(why.contains(told), "{why}");
        let decide = &mut |_: &OldRows<'_>| -> Decision { panic!("nothing is decided on it") };
        let write = Mutation { keys: &[b"b"], fences: &[], locking: Locking::Single, decide };
        assert!(matches!(above.mutate(write).wait(), Err(StoreError::Corrupt(_))));
    }
    let mut other = stored;
    other[1] = 9;
    put(below.as_ref(), b"a", &other);
    let StoreError::Unavailable(why) = get(above.as_ref(), b"a").unwrap_err() else {
        panic!("another error")
    };
    assert!(why.contains("generation 9"), "{why}");
}
