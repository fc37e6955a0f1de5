use super::*;
use stdx::{ManualClock, SystemClock};

#[test]
fn time_follows_the_clock() {
    let clock = Arc::new(ManualClock::at(1_000));
    let store = MemoryStore::new(clock.clone());
    let time = |store: &MemoryStore| match store.trim(FeedId(1), FeedCursor::START).wait() {
        Ok(Outcome::Committed(stamp)) => stamp.time_micros,
        other => panic!("{other:?}"),
    };
    assert_eq!(time(&store), 1_000);
    clock.advance_micros(5);
    assert_eq!(time(&store), 1_005);
}

#[test]
fn keys_are_given_back_after_every_outcome() {
    let store = MemoryStore::new(Arc::new(SystemClock));
    for fence in [0, 1] {
        let fences = [Fence { subject: 1, version: fence }];
        for locking in [Locking::Single, Locking::Transaction] {
            let decide = &mut |_: &OldRows<'_>| Decision::Commit(Plan::default());
            store.mutate(Mutation { keys: &[b"k"], fences: &fences, locking, decide }).wait().unwrap();
            assert_eq!(store.locks.held(), 0);
        }
    }
}
