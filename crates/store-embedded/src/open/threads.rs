//! The threads of an open store.

use crate::core::Core;
use crate::failure::start_thread;
use crate::log::append::LogEnd;
use crate::moving::Answers;
use crate::open::options::Purpose;
use crate::trees::compaction::Compactor;
use crate::trees::flush::Flusher;
use crate::trees::reclaim::Reclaimer;
use crate::write::committer::Committer;
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// The threads of an open store.
pub(crate) struct Threads {
    pub(crate) committer: Option<JoinHandle<()>>,
    pub(crate) flusher: Option<JoinHandle<()>>,
    pub(crate) others: Vec<JoinHandle<()>>,
    /// Dropped, it ends the thread that makes copies.
    pub(crate) copies: Option<Sender<()>>,
}

impl Threads {
    pub(super) fn start(core: &Core, end: LogEnd, purpose: Purpose) -> io::Result<Self> {
        let Core { env, write, view, maintenance } = core;
        let (env, write) = (|| env.clone(), || write.clone());
        let (view, maintenance) = (|| view.clone(), || maintenance.clone());
        let failure = &core.env.failure;

        let committer = Committer::new(env(), write(), maintenance(), end);
        let flusher = Flusher { env: env(), view: view(), maintenance: maintenance() };
        let reclaimer = Reclaimer { env: env(), write: write(), view: view(), maintenance: maintenance() };
        let work = maintenance();
        let mut others = vec![start_thread(failure, "head writer", move || work.head_writer.run())?];
        let (copies, ending) = channel();
        if purpose == Purpose::Serve {
            let answers = Answers { core: core.clone(), ending };
            others.push(start_thread(failure, "reclaim", move || reclaimer.run())?);
            others.push(start_thread(failure, "copy", move || answers.run())?);
        }
        for _ in 0..core.env.profile.compaction_threads {
            let compactor = Compactor { env: env(), view: view(), maintenance: maintenance() };
            others.push(start_thread(failure, "compact", move || compactor.run())?);
        }
        let threads = Self {
            committer: Some(start_thread(failure, "committer", move || committer.run())?),
            flusher: Some(start_thread(failure, "flush", move || flusher.run())?),
            others,
            copies: Some(copies),
        };
        core.maintenance.compaction.announce();
        if core.view.tombstones.snapshot().is_some() {
            core.maintenance.reclaim.announce_drop();
        }
        core.maintenance.reclaim.announce_trims(core.view.trims.feeds());
        Ok(threads)
    }
}
