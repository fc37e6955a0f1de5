//! Compaction threads: work after every flush until no tree has anything to do, then sleep. Trees take turns step by
//! step: however long one of them has work, the others are not left to grow.

use crate::disk_space;
use crate::environment::Environment;
use crate::read::read_view::ReadView;
use crate::trees::Name;
use crate::trees::maintenance::Maintenance;
use std::sync::Arc;

/// A compaction thread.
pub(crate) struct Compactor {
    pub(crate) env: Arc<Environment>,
    pub(crate) view: Arc<ReadView>,
    pub(crate) maintenance: Arc<Maintenance>,
}

impl Compactor {
    /// Compacts until the store stops.
    pub(crate) fn run(self) {
        be_nice();
        let mut seen = 0;
        while let Some(round) = self.maintenance.compaction.wait(seen) {
            seen = round;
            while self.take_turns() {}
        }
    }

    /// One step of each tree. False when there was nothing to do, or the store stops.
    fn take_turns(&self) -> bool {
        let corruption = &self.view.corruption;
        Name::ALL.into_iter().fold(false, |has_worked, name| {
            corruption.report(name, &self.view.trees, &self.env);
            (corruption.is_sound(name) && self.step(name)) || has_worked
        })
    }

    /// One step of a tree, or a wait for what it needs.
    fn step(&self, name: Name) -> bool {
        let Self { env, view, maintenance } = self;
        let runs = Name::ALL.into_iter().map(|name| view.trees.l0_runs(name));
        maintenance.compaction.set_l0_runs(runs.max().unwrap_or(0));
        if view.trees.is_stopping() {
            return false;
        }
        if !disk_space::has_room_for_compaction(&env.dir, &env.profile) {
            maintenance.make_room(env);
            maintenance.compaction.pause();
            return true;
        }
        match view.trees.compact(name, view.readers.published()) {
            Ok(true) => self.after_step(name),
            Ok(false) => return false,
            Err(error) if error.is_full() || error.is_out_of_files() => maintenance.compaction.pause(),
            Err(error) => {
                let folder = env.dir.join(name.folder());
                (env.on_warning)(&format!("compaction of {}: {error}", folder.display()));
                view.corruption.note(name);
                return false;
            }
        }
        true
    }

    /// Another thread may find work beside or behind this step, and marks of feeds may have nothing to hide any more.
    fn after_step(&self, name: Name) {
        self.maintenance.compaction.announce();
        if name == Name::Feed {
            self.maintenance.reclaim.announce_trims(self.view.trims.feeds());
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn be_nice() {}

#[cfg(target_os = "linux")]
fn be_nice() {
    /// Of this thread only: all other threads of the machine are scheduled before it.
    const NICENESS: i32 = 10;
    // Failing changes nothing that matters.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmbeddedStore, Options, Profile};
    use store::{Decision, Locking, Mutation, Plan, RecordWrite, RowWrite, Store};

    /// A row and a record, each in a sorted file of its own.
    fn flush_both(store: &EmbeddedStore, number: u8) {
        let rows = vec![RowWrite { key: vec![b'r'], row: Some(vec![number]) }];
        let records = vec![RecordWrite { key: vec![b'd'], document: Some(vec![number]) }];
        let plan = Plan { rows, records, ..Plan::default() };
        let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.clone());
        store.mutate(Mutation { keys: &[], fences: &[], locking: Locking::Single, decide }).wait().unwrap();
        store.flush();
    }

    #[test]
    fn a_tree_with_work_does_not_keep_the_others_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let profile = Profile { compaction_threads: 0, ..Profile::local() };
        let options = Options { profile, ..Options::default() };
        let store = EmbeddedStore::open(dir.path(), options).unwrap();
        (0..8).for_each(|number| flush_both(&store, number));
        let core = &store.core;
        let runs = || [Name::Rows, Name::System].map(|name| core.view.trees.l0_runs(name));
        assert_eq!(runs(), [8, 8]);
        let (env, view, maintenance) = (core.env.clone(), core.view.clone(), core.maintenance.clone());
        assert!(Compactor { env, view, maintenance }.take_turns());
        assert_eq!(runs(), [0, 0]);
    }
}
