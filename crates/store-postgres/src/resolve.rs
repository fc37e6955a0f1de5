//! Commits whose answer was lost: whether they happened is told by what their session wrote in its last commit, once
//! its connection is known to have ended.

use crate::failure::{ends_the_session, refused};
use crate::isolation::position_of;
use crate::postgres_store::Core;
use crate::sql::Sql;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use store::{CommitId, Position, Stamp, StoreError};

/// How often one that is still under way is asked for.
const ASKED_MAX: usize = 100;
/// How long between two of them.
const PAUSE: Duration = Duration::from_millis(50);

/// Commits that were unknown once, and what is known of them.
#[derive(Default)]
pub(crate) struct Unknown(Mutex<HashMap<CommitId, Lost>>);

#[derive(Clone, Copy)]
struct Lost {
    session: i64,
    stamp: Stamp,
    has_happened: Option<bool>,
}

impl Unknown {
    /// A commit of a session, whose answer was lost.
    pub(crate) fn enter(&self, session: i64, stamp: Stamp) -> CommitId {
        let commit = CommitId(stamp.position.0);
        self.0.lock().insert(commit, Lost { session, stamp, has_happened: None });
        commit
    }

    fn get(&self, commit: CommitId) -> Result<Lost, StoreError> {
        let known = self.0.lock().get(&commit).copied();
        known.ok_or_else(|| StoreError::Unavailable(format!("{commit:?} was not unknown")))
    }

    fn settle(&self, commit: CommitId, has_happened: bool) {
        if let Some(lost) = self.0.lock().get_mut(&commit) {
            lost.has_happened = Some(has_happened);
        }
    }

    fn forget(&self, commit: CommitId) {
        self.0.lock().remove(&commit);
    }
}

impl Core {
    pub(crate) async fn resolve(&self, commit: CommitId) -> Result<Option<Stamp>, StoreError> {
        for _ in 0..ASKED_MAX {
            let lost = self.unknown.get(commit)?;
            if let Some(has_happened) = lost.has_happened {
                return Ok(has_happened.then_some(lost.stamp));
            }
            if !self.ask(commit, lost).await? {
                self.sleep(PAUSE).await;
            }
        }
        Err(StoreError::Unavailable("a commit is still under way".to_owned()))
    }

    /// Asks before anybody is told; the answer, if there is one in time. On the runtime.
    pub(crate) async fn settled_commit(&self, commit: CommitId) -> Option<Option<Stamp>> {
        let asked = async {
            loop {
                if let Ok(known) = self.resolve(commit).await {
                    return known;
                }
                self.sleep(PAUSE).await;
            }
        };
        let known = tokio::time::timeout(self.connector.patience(), asked).await.ok()?;
        self.unknown.forget(commit);
        Some(known)
    }

    /// Whether the database could tell.
    async fn ask(&self, commit: CommitId, lost: Lost) -> Result<bool, StoreError> {
        let ended = self.rows(Sql::HasEnded, &[&lost.session]).await?;
        if !ended.first().is_some_and(|row| row.get(0)) {
            return Ok(false);
        }
        // Without its row there is no evidence.
        let Some(last) = self.last_commit(lost.session).await? else { return Ok(false) };
        self.unknown.settle(commit, last == lost.stamp.position);
        Ok(true)
    }

    async fn last_commit(&self, session: i64) -> Result<Option<Position>, StoreError> {
        let writer = self.writers.take().await?;
        match writer.session().query(Sql::LastCommit, &[&session]).await {
            Ok(rows) => Ok(rows.first().map(|row| position_of(row.get(0), row.get(1)))),
            Err(error) => {
                if ends_the_session(&error) {
                    writer.end();
                }
                Err(refused(&error))
            }
        }
    }
}
