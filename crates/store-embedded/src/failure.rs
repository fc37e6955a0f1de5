//! The end of a store that can no longer guarantee durability: the first failure wins, later writes fail with it, and
//! the callback of the one who opened the store ends the process. A failed sync is not retried: the kernel may have
//! dropped the dirty pages, so that a second sync succeeds without having written them.

use crate::open::options::OnFatal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use store::StoreError;

/// Whether the store has failed, and why.
pub(crate) struct Failure {
    why: OnceLock<String>,
    on_fatal: OnFatal,
}

impl Failure {
    pub(crate) fn new(on_fatal: OnFatal) -> Arc<Self> {
        Arc::new(Self { why: OnceLock::new(), on_fatal })
    }

    /// Poisons the store and calls the callback, once.
    pub(crate) fn fatal(&self, why: impl Into<String>) {
        let why = why.into();
        if self.why.set(why.clone()).is_ok() {
            (self.on_fatal)(&why);
        }
    }

    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.why.get().map_or(Ok(()), |why| Err(StoreError::Poisoned(why.clone())))
    }
}

/// Starts a thread whose panic is the end of the store.
pub(crate) fn start_thread(
    failure: &Arc<Failure>,
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let failure = failure.clone();
    let thread_name = name.to_owned();
    std::thread::Builder::new().name(name.to_owned()).stack_size(1024 * 1024).spawn(move || {
        if catch_unwind(AssertUnwindSafe(run)).is_err() {
            failure.fatal(format!("the thread {thread_name} panicked"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;

    #[test]
    fn the_first_failure_is_told_once_and_a_panic_is_one() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let hear = told.clone();
        let failure = Failure::new(Arc::new(move |why| hear.lock().push(why.to_owned())));
        assert_eq!(failure.check(), Ok(()));
        start_thread(&failure, "flush", || panic!("on purpose")).unwrap().join().unwrap();
        failure.fatal("another");
        assert_eq!(*told.lock(), ["the thread flush panicked"]);
        assert!(matches!(failure.check(), Err(StoreError::Poisoned(why)) if why.contains("flush")));
    }
}
