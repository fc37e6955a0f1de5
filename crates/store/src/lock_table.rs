//! The exact lock table: which keys are held by a writer right now.
//!
//! A single write waits for other single writes of its keys and is refused at once by a transaction; a
//! transaction takes all its keys or none, and never waits. An entry exists only while its key is held, and
//! two different keys never share one, so no writer is refused because of another key.
//!
//! No writer waits while it holds a key, so there is no deadlock, and a transaction that fails has never blocked
//! another writer. Waiting is a future, so that a key held for long occupies no thread. Guards are owned: one thread
//! may lock the keys and another unlock them. The table is independent of rows, positions and durability.

use crate::wait::wait;
use parking_lot::{Mutex, MutexGuard};
use siphasher::sip128::{Hasher128, SipHasher13};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use stdx::Random;
use tokio::sync::oneshot;

const SHARDS: usize = 64;

/// Which keys are held, and by what kind of writer. Cloning it shares it.
#[derive(Clone)]
pub struct LockTable(Arc<Shards>);

/// The keys of a single write; dropping it gives them back.
#[derive(Debug)]
pub struct SingleGuard {
    _held: HeldKeys,
}

/// The keys of a transaction; dropping it, on whatever thread, gives them back.
#[derive(Debug)]
pub struct TransactionGuard {
    _held: HeldKeys,
}

/// Why the keys of a single write cannot be taken now.
#[derive(Debug)]
pub enum Busy {
    /// The indexes of the keys that a transaction holds, ascending.
    Transaction(Vec<usize>),
    /// Another single write holds one of them. Resolves when it is worth trying again.
    Single(oneshot::Receiver<()>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Single,
    Transaction,
}

/// A key as 128 keyed hash bits: as good as the key itself, and a fixed size.
type KeyHash = u128;

/// A writer's keys: a single write has one or two.
type KeyHashes = SmallVec<[KeyHash; 2]>;

struct Shards {
    shards: Box<[Mutex<Shard>]>,
    hasher: SipHasher13,
}

#[derive(Default)]
struct Shard {
    held: Held,
    /// Single writes that wait until a key of this shard is given back.
    waiting: Vec<oneshot::Sender<()>>,
}

type Held = HashMap<KeyHash, Holder, BuildHasherDefault<LowBits>>;

/// The hash of a hash is the hash.
#[derive(Default)]
struct LowBits(u64);

impl Hasher for LowBits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("the table's keys are u128")
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}

impl LockTable {
    /// An empty table.
    pub fn new() -> Self {
        let seed = Random::from_os().bytes16();
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self(Arc::new(Shards { shards, hasher: SipHasher13::new_with_key(&seed) }))
    }

    /// Takes the keys of a single write.
    ///
    /// # Errors
    /// One of them is held. Nothing is taken then.
    pub fn single(&self, keys: &[&[u8]]) -> Result<SingleGuard, Busy> {
        let wanted = self.0.hashes(keys);
        let mut shards = self.0.lock(&wanted);
        let busy = shards.held_by_transactions(&wanted);
        if !busy.is_empty() {
            return Err(Busy::Transaction(busy));
        }
        match shards.first_held(&wanted) {
            Some(hash) => Err(Busy::Single(shards.freed(hash))),
            None => Ok(SingleGuard { _held: shards.take(wanted, Holder::Single) }),
        }
    }

    /// Takes the keys of a single write, blocking the calling thread while other single writes hold them.
    ///
    /// # Errors
    /// The indexes of the keys that a transaction holds. Nothing is held then.
    pub fn wait_single(&self, keys: &[&[u8]]) -> Result<SingleGuard, Vec<usize>> {
        loop {
            match self.single(keys) {
                Ok(guard) => return Ok(guard),
                Err(Busy::Transaction(busy)) => return Err(busy),
                Err(Busy::Single(freed)) => drop(wait(freed)),
            }
        }
    }

    /// Takes the keys of a transaction, all at once or none, without waiting.
    ///
    /// # Errors
    /// The indexes of the keys that are held, ascending. Nothing is held then.
    pub fn transaction(&self, keys: &[&[u8]]) -> Result<TransactionGuard, Vec<usize>> {
        let wanted = self.0.hashes(keys);
        let shards = self.0.lock(&wanted);
        let busy = shards.held_by_anybody(&wanted);
        if !busy.is_empty() {
            return Err(busy);
        }
        Ok(TransactionGuard { _held: shards.take(wanted, Holder::Transaction) })
    }

    /// How many keys are held right now.
    pub fn held(&self) -> usize {
        self.0.shards.iter().map(|shard| shard.lock().held.len()).sum()
    }
}

impl Default for LockTable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LockTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockTable").field("held", &self.held()).finish()
    }
}

impl Shards {
    fn hashes(&self, keys: &[&[u8]]) -> KeyHashes {
        keys.iter().map(|key| self.hash(key)).collect()
    }

    fn hash(&self, key: &[u8]) -> KeyHash {
        let mut hasher = self.hasher;
        hasher.write(key);
        hasher.finish128().as_u128()
    }

    /// Locks the shards of the wanted keys, in ascending order so that two callers cannot block each other.
    fn lock(self: &Arc<Self>, wanted: &[KeyHash]) -> LockedShards<'_> {
        let mut places = wanted.iter().fold(0u64, |places, hash| places | 1 << place(*hash));
        let mut locked = SmallVec::with_capacity(places.count_ones() as usize);
        while places != 0 {
            let at = places.trailing_zeros() as usize;
            locked.push((at, self.shards[at].lock()));
            places &= places - 1;
        }
        LockedShards { table: self, locked }
    }
}

/// The shard of a key. The map inside the shard uses the low bits, so this takes the high ones.
fn place(hash: KeyHash) -> usize {
    (hash >> 64) as usize % SHARDS
}

/// The shards of one caller's keys, held only for as long as it takes to look and to enter.
struct LockedShards<'a> {
    table: &'a Arc<Shards>,
    locked: SmallVec<[(usize, MutexGuard<'a, Shard>); 2]>,
}

impl LockedShards<'_> {
    fn holder(&self, hash: KeyHash) -> Option<Holder> {
        self.locked
            .iter()
            .find(|(at, _)| *at == place(hash))
            .and_then(|(_, shard)| shard.held.get(&hash).copied())
    }

    fn held_by_anybody(&self, wanted: &[KeyHash]) -> Vec<usize> {
        (0..wanted.len()).filter(|&i| self.holder(wanted[i]).is_some()).collect()
    }

    fn held_by_transactions(&self, wanted: &[KeyHash]) -> Vec<usize> {
        (0..wanted.len()).filter(|&i| self.holder(wanted[i]) == Some(Holder::Transaction)).collect()
    }

    fn first_held(&self, wanted: &[KeyHash]) -> Option<KeyHash> {
        wanted.iter().copied().find(|hash| self.holder(*hash).is_some())
    }

    /// Enters the keys. A key that is named twice is entered, and later removed, once.
    fn take(mut self, mut wanted: KeyHashes, holder: Holder) -> HeldKeys {
        wanted.retain(|hash| self.shard(*hash).held.insert(*hash, holder).is_none());
        HeldKeys { table: Arc::clone(self.table), hashes: wanted }
    }

    /// Resolves when something in the key's shard is given back.
    fn freed(&mut self, hash: KeyHash) -> oneshot::Receiver<()> {
        let (sender, freed) = oneshot::channel();
        self.shard(hash).waiting.push(sender);
        freed
    }
}

impl<'a> LockedShards<'a> {
    fn shard(&mut self, hash: KeyHash) -> &mut MutexGuard<'a, Shard> {
        let found = self.locked.iter_mut().find(|(at, _)| *at == place(hash));
        &mut found.expect("the shard of every wanted key was locked").1
    }
}

struct HeldKeys {
    table: Arc<Shards>,
    hashes: KeyHashes,
}

impl Drop for HeldKeys {
    fn drop(&mut self) {
        for hash in &self.hashes {
            let mut shard = self.table.shards[place(*hash)].lock();
            shard.held.remove(hash);
            let waiting = std::mem::take(&mut shard.waiting);
            drop(shard);
            for waiting in waiting {
                let _ = waiting.send(());
            }
        }
    }
}

impl fmt::Debug for HeldKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.hashes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn transactions_report_every_busy_key_and_take_nothing_then() {
        let table = LockTable::new();
        let single = table.single(&[b"a"]).unwrap();
        let transaction = table.transaction(&[b"b", b"c"]).unwrap();
        assert_eq!(table.transaction(&[b"d", b"c", b"a"]).unwrap_err(), [1, 2]);
        assert_eq!(table.held(), 3);
        drop((single, transaction));
        assert_eq!(table.held(), 0);
    }

    #[test]
    fn singles_give_way_to_transactions_only() {
        let table = LockTable::new();
        let transaction = table.transaction(&[b"b"]).unwrap();
        assert!(matches!(table.single(&[b"a", b"b"]), Err(Busy::Transaction(busy)) if busy == [1]));
        drop(transaction);
        assert!(table.single(&[b"a", b"b"]).is_ok());
    }

    #[test]
    fn a_key_named_twice_is_held_once() {
        let table = LockTable::new();
        let guard = table.transaction(&[b"a", b"a"]).unwrap();
        assert_eq!(table.held(), 1);
        drop(guard);
        assert_eq!(table.held(), 0);
    }

    #[test]
    fn a_transaction_guard_is_given_back_by_another_thread() {
        let table = LockTable::new();
        let guard = table.transaction(&[b"a"]).unwrap();
        thread::scope(|scope| scope.spawn(move || drop(guard)).join().unwrap());
        assert_eq!(table.held(), 0);
    }

    #[test]
    fn singles_wait_for_each_other_whatever_the_order_of_their_keys() {
        let table = LockTable::new();
        let inside = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..4 {
                let (table, inside) = (&table, &inside);
                scope.spawn(move || {
                    for _ in 0..2_000 {
                        let keys: [&[u8]; 3] =
                            if thread % 2 == 0 { [b"x", b"y", b"z"] } else { [b"z", b"y", b"w"] };
                        let _guard = table.wait_single(&keys).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(table.held(), 0);
    }
}
