//! Compaction threads: work after every flush until no tree has anything to do, then sleep.

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
        let corruption = &self.view.corruption;
        let mut seen = 0;
        while let Some(round) = self.maintenance.compaction.wait(seen) {
            seen = round;
            for name in Name::ALL {
                corruption.report(name, &self.view.trees, &self.env);
                if corruption.is_sound(name) && !self.compact_fully(name) {
                    return;
                }
            }
        }
    }

    /// Compacts one tree until nothing is left to do. False when the store stops.
    fn compact_fully(&self, name: Name) -> bool {
        let Self { env, view, maintenance } = self;
        loop {
            maintenance.compaction.set_l0_runs(view.trees.l0_runs());
            if view.trees.is_stopping() {
                return false;
            }
            if !disk_space::has_room_for_compaction(&env.dir, &env.profile) {
                maintenance.make_room(env);
                maintenance.compaction.pause();
                continue;
            }
            match view.trees.compact(name, view.readers.published()) {
                Ok(true) => self.after_step(name),
                Ok(false) => return true,
                Err(error) if error.is_full() || error.is_out_of_files() => maintenance.compaction.pause(),
                Err(error) => {
                    let folder = env.dir.join(name.folder());
                    (env.on_warning)(&format!("compaction of {}: {error}", folder.display()));
                    view.corruption.note(name);
                    return true;
                }
            }
        }
    }
}

impl Compactor {
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
