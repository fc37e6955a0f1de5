//! The sessions that are open: those that write, one mutation at a time, and those that read, many at a time.

use crate::connector::{Connector, Purpose};
use crate::session::Session;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The sessions that write. Cloning it shares it.
#[derive(Clone)]
pub(crate) struct Writers(Arc<Places>);

struct Places {
    connector: Connector,
    idle: Mutex<Vec<Session>>,
    free: Arc<Semaphore>,
    /// How many there may be.
    most: usize,
}

/// A session that writes, until this is dropped.
pub(crate) struct Writer {
    session: Option<Session>,
    places: Arc<Places>,
    _place: OwnedSemaphorePermit,
}

impl Writers {
    pub(crate) fn new(connector: Connector, sessions: usize) -> Writers {
        let most = sessions.max(1);
        let free = Arc::new(Semaphore::new(most));
        Writers(Arc::new(Places { connector, idle: Mutex::default(), free, most }))
    }

    /// The part of them that is in use.
    pub(crate) fn in_use(&self) -> f64 {
        let Places { free, most, .. } = &*self.0;
        (most - free.available_permits()) as f64 / *most as f64
    }

    /// Waits for a place, then for a connection if none is idle.
    pub(crate) async fn take(&self) -> Result<Writer, StoreError> {
        let failures = self.0.connector.failures();
        let place = Arc::clone(&self.0.free).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Unavailable("it has been closed".to_owned()))?;
        let idle = self.idle();
        let session = match idle {
            Some(session) => session,
            None => {
                self.0.connector.failed_since(failures)?;
                self.0.connector.session(Purpose::Write).await?
            }
        };
        Ok(Writer { session: Some(session), places: Arc::clone(&self.0), _place: place })
    }

    fn idle(&self) -> Option<Session> {
        let mut idle = self.0.idle.lock();
        idle.retain(|session| self.0.connector.takes(session));
        idle.pop()
    }

    /// No session is given out any more, and the idle ones end.
    pub(crate) fn close(&self) {
        self.0.free.close();
        self.0.idle.lock().clear();
    }
}

impl Writer {
    pub(crate) fn session(&self) -> &Session {
        self.session.as_ref().expect("a writer has its session until it is dropped or ended")
    }

    /// Ends the connection: nothing is known of how it stands.
    pub(crate) fn end(mut self) {
        self.session = None;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let usable = self.session.take().filter(|session| self.places.connector.takes(session));
        if let Some(session) = usable.filter(|_| !self.places.free.is_closed()) {
            self.places.idle.lock().push(session);
        }
    }
}

/// The sessions that read, taken in turns.
pub(crate) struct Readers {
    connector: Connector,
    purpose: Purpose,
    sessions: Vec<tokio::sync::Mutex<Option<Arc<Session>>>>,
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn new(connector: Connector, purpose: Purpose, sessions: usize) -> Readers {
        let sessions = (0..sessions.max(1)).map(|_| tokio::sync::Mutex::new(None)).collect();
        Readers { connector, purpose, sessions, next: AtomicUsize::new(0) }
    }

    /// The next one, connected again if it was lost.
    pub(crate) async fn session(&self) -> Result<Arc<Session>, StoreError> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.sessions.len();
        let failures = self.connector.failures();
        let mut place = self.sessions[turn].lock().await;
        if let Some(session) = place.as_ref().filter(|session| self.connector.takes(session)) {
            return Ok(Arc::clone(session));
        }
        self.connector.failed_since(failures)?;
        let session = Arc::new(self.connector.session(self.purpose).await?);
        *place = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Ends a session that cannot be used any more.
    pub(crate) async fn end(&self, ended: &Arc<Session>) {
        for place in &self.sessions {
            let mut place = place.lock().await;
            if place.as_ref().is_some_and(|session| Arc::ptr_eq(session, ended)) {
                *place = None;
            }
        }
    }

    /// All of them end.
    pub(crate) async fn close(&self) {
        for place in &self.sessions {
            *place.lock().await = None;
        }
    }
}
