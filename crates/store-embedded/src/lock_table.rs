//! Who writes which key. Entries exist only while a key is held; keys are known by 128-bit keyed hashes.
//!
//! Single mutations wait for each other (microseconds: they let go as soon as they are appended) and
//! conflict with transactions; transactions wait for single mutations and conflict with each other. Keys are
//! taken in the order of their hashes, so waiting never goes in a circle.

use parking_lot::{Condvar, Mutex, MutexGuard};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::Arc;
use store::Locking;

const SHARDS: usize = 64;

/// Takes the low half of a hash as it is.
#[derive(Default)]
struct Unchanged(u64);

impl Hasher for Unchanged {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are u128");
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = (hash >> 64) as u64;
    }
}

#[derive(Default)]
struct Shard {
    held: Mutex<HashMap<u128, Holder, BuildHasherDefault<Unchanged>>>,
    released: Condvar,
}

struct Holder {
    by: Locking,
    waiters: u32,
}

/// The table.
pub(crate) struct LockTable {
    shards: Box<[Shard]>,
    hasher: SipHasher13,
}

/// Keys held until this is dropped.
pub(crate) struct Held {
    table: Arc<LockTable>,
    hashes: Vec<u128>,
}

impl LockTable {
    pub(crate) fn new() -> Arc<Self> {
        let random = RandomState::new();
        let hasher = SipHasher13::new_with_keys(random.hash_one(0), random.hash_one(1));
        Arc::new(Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), hasher })
    }

    /// Takes every key, or says which are held by transactions (as indexes, ascending).
    pub(crate) fn acquire(self: &Arc<Self>, keys: &[&[u8]], locking: Locking) -> Result<Held, Vec<usize>> {
        let mut order: Vec<(u128, usize)> =
            keys.iter().enumerate().map(|(i, key)| (self.hash(key), i)).collect();
        order.sort_unstable();
        let mut held = Held { table: self.clone(), hashes: Vec::with_capacity(order.len()) };
        for (at, &(hash, _)) in order.iter().enumerate() {
            if held.hashes.last() == Some(&hash) {
                continue;
            }
            if !self.take(hash, locking) {
                drop(held);
                return Err(self.busy(&order[at..]));
            }
            held.hashes.push(hash);
        }
        Ok(held)
    }

    fn hash(&self, key: &[u8]) -> u128 {
        let mut hasher = self.hasher;
        hasher.write(key);
        hasher.finish128().as_u128()
    }

    fn shard(&self, hash: u128) -> &Shard {
        &self.shards[hash as usize % SHARDS]
    }

    /// False if a transaction holds it.
    fn take(&self, hash: u128, locking: Locking) -> bool {
        let shard = self.shard(hash);
        let mut held = shard.held.lock();
        loop {
            match held.entry(hash) {
                Entry::Vacant(entry) => {
                    entry.insert(Holder { by: locking, waiters: 0 });
                    return true;
                }
                Entry::Occupied(entry) if entry.get().by == Locking::Transaction => return false,
                Entry::Occupied(mut entry) => entry.get_mut().waiters += 1,
            }
            shard.released.wait(&mut held);
        }
    }

    /// The first of these is held by a transaction; which others are?
    fn busy(&self, order: &[(u128, usize)]) -> Vec<usize> {
        let first = order[0].0;
        let by_transaction = |hash: u128| {
            let held = self.shard(hash).held.lock();
            held.get(&hash).is_some_and(|holder| holder.by == Locking::Transaction)
        };
        let mut busy: Vec<usize> = order
            .iter()
            .filter(|(hash, _)| *hash == first || by_transaction(*hash))
            .map(|(_, i)| *i)
            .collect();
        busy.sort_unstable();
        busy
    }

    fn release(&self, hash: u128) {
        let shard = self.shard(hash);
        let mut held: MutexGuard<'_, _> = shard.held.lock();
        if held.remove(&hash).is_some_and(|holder| holder.waiters > 0) {
            shard.released.notify_all();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.hashes.iter().for_each(|hash| self.table.release(*hash));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn transactions_conflict_and_name_every_busy_key() {
        let table = LockTable::new();
        let held = table.acquire(&[b"b", b"d"], Locking::Transaction).ok().unwrap();
        assert_eq!(table.acquire(&[b"a", b"b", b"c", b"d"], Locking::Transaction).err(), Some(vec![1, 3]));
        assert_eq!(table.acquire(&[b"d"], Locking::Single).err(), Some(vec![0]));
        assert!(table.acquire(&[b"a", b"c"], Locking::Single).is_ok(), "what a conflict took is let go");
        drop(held);
        assert!(table.acquire(&[b"b", b"d"], Locking::Single).is_ok());
        assert!(table.shards.iter().all(|shard| shard.held.lock().is_empty()));
    }

    #[test]
    fn singles_wait_for_each_other() {
        let table = LockTable::new();
        let (inside, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (table, inside, most) = (&table, &inside, &most);
                scope.spawn(move || {
                    for _ in 0..500 {
                        let keys: [&[u8]; 2] = if thread % 2 == 0 { [b"x", b"y"] } else { [b"y", b"x"] };
                        let _held = table.acquire(&keys, Locking::Single).ok().unwrap();
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }
}
