//! The accounts of the store, kept in memory: what keys and policies are, on every server.
//!
//! A change is a change of the account's document; a watch tells every server that there was one, and the next request
//! reads the documents again before it is authenticated. Each such reading is a new generation, which empties what was
//! remembered of keys and policies.

mod credentials;

use crate::account::{Account, FORMAT};
use crate::errors;
use crate::sealing::Sealing;
use identity::CredentialSource;
use model::ApiError;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stdx::future::Boxed;
use store::documents::Documents;
use store::records::{RecordError, RecordKey, RecordScope};
use store::{Store, StoreError, Watch};

const SERVICE: &str = "iam";
const KIND: &str = "account";
/// The name of the secret that keys and sessions are sealed with.
const SECRET: &str = "iam";
/// More accounts than any store has.
const ACCOUNTS_MAX: usize = 1_000_000;

/// All accounts.
#[derive(Debug)]
pub struct Directory {
    documents: Documents,
    watch: Watch,
    sealing: Sealing,
    /// Keys of the configuration: they are their accounts' own.
    roots: Arc<dyn CredentialSource>,
    state: RwLock<Arc<State>>,
    /// What `state.version` is, without the lock.
    version: AtomicU64,
}

/// The accounts as they were at a version of the watch.
#[derive(Debug, Default)]
struct State {
    /// One more than the watch's version; 0 before anything was read.
    version: u64,
    accounts: HashMap<String, Arc<Account>>,
    /// Account and user of each access key.
    keys: HashMap<String, (String, String)>,
}

impl Directory {
    /// The directory of a store, with keys that are their accounts' own.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(
        store: Arc<dyn Store>,
        roots: impl CredentialSource + 'static,
    ) -> Boxed<'static, Result<Directory, StoreError>> {
        Box::pin(async move {
            let roots = Arc::new(roots);
            let sealing = Sealing::new(&store::secret::secret(store.as_ref(), SECRET).await?);
            let documents = Documents::of(store, FORMAT);
            let watch = documents.watch(scope());
            let (state, version) = (RwLock::default(), AtomicU64::new(0));
            Ok(Directory { documents, watch, sealing, roots, state, version })
        })
    }

    /// Whether everything is known that any server has changed.
    pub fn is_current(&self) -> bool {
        self.version.load(Ordering::Acquire) > self.watch.version()
    }

    /// Reads what has changed.
    ///
    /// # Errors
    /// When the store fails, or a document is damaged or newer.
    pub fn refresh(&self) -> Boxed<'_, Result<(), RecordError>> {
        Box::pin(async move {
            let version = self.watch.version() + 1;
            if self.version.load(Ordering::Acquire) >= version {
                return Ok(());
            }
            let documents = self.documents.list::<Account>(scope(), None, ACCOUNTS_MAX).await?;
            let state = State::of(version, documents);
            let mut current = self.state.write();
            if current.version < version {
                *current = Arc::new(state);
                self.version.store(version, Ordering::Release);
            }
            Ok(())
        })
    }

    /// An account; one without anything where there is no document yet.
    pub fn account(&self, account: &str) -> Arc<Account> {
        self.state.read().accounts.get(account).cloned().unwrap_or_default()
    }

    /// Changes an account. `change` may be called again; where it refuses, nothing is changed.
    ///
    /// # Errors
    /// The refusal, or that the store fails.
    pub async fn change<R: Send>(
        &self,
        account: &str,
        mut change: impl FnMut(&mut Account) -> Result<R, ApiError> + Send,
    ) -> Result<R, ApiError> {
        let key = RecordKey::new(SERVICE, KIND, account, "", "");
        let changed = self.documents.change(&key, |old: Option<Account>| {
            let mut account = old.unwrap_or_default();
            let result = change(&mut account)?;
            Ok((Some(account), result))
        });
        changed.await.map_err(|error| errors::store_error(&error))?
    }

    /// What seals the secrets and the sessions of the store.
    pub fn sealing(&self) -> &Sealing {
        &self.sealing
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read())
    }
}

impl State {
    fn of(version: u64, documents: Vec<(RecordKey, Account)>) -> State {
        let mut state = State { version, ..State::default() };
        for (key, account) in documents {
            for user in account.users.values() {
                let owner = || (key.account.clone(), user.entity.name.clone());
                state.keys.extend(user.keys.iter().map(|key| (key.id.clone(), owner())));
            }
            state.accounts.insert(key.account, Arc::new(account));
        }
        state
    }
}

fn scope() -> RecordScope<'static> {
    RecordScope::Kind { service: SERVICE, kind: KIND }
}
