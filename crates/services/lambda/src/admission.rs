//! How many calls of a function run at a time: counted by each server for itself, and bounded where that is reserved.

use crate::errors;
use model::ApiError;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// The calls that run, by function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Admission(Arc<Mutex<HashMap<String, u64>>>);

/// A call that runs.
#[derive(Debug)]
pub(crate) struct Admitted {
    function: String,
    admission: Admission,
    /// How many calls of the function ran when it began, itself among them.
    pub(crate) running: u64,
}

impl Admission {
    /// Admits a call, unless as many run as are reserved.
    pub(crate) fn enter(&self, function: String, reserved: Option<u64>) -> Result<Admitted, ApiError> {
        let mut running = self.0.lock();
        let count = running.get(&function).copied().unwrap_or_default();
        if reserved.is_some_and(|reserved| count >= reserved) {
            return Err(errors::throttled());
        }
        running.insert(function.clone(), count + 1);
        drop(running);
        Ok(Admitted { function, admission: self.clone(), running: count + 1 })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut running = self.admission.0.lock();
        let left = running.get_mut(&self.function).map(|count| {
            *count -= 1;
            *count
        });
        if left == Some(0) {
            running.remove(&self.function);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_are_reserved() {
        let admission = Admission::default();
        let enter = |reserved| admission.enter("f".to_owned(), reserved);
        assert!(enter(None).is_ok_and(|admitted| admitted.running == 1));
        assert!(enter(Some(0)).is_err());
        let first = enter(Some(1)).unwrap();
        assert!(enter(Some(1)).is_err() && enter(Some(2)).is_ok_and(|second| second.running == 2));
        drop(first);
        assert!(enter(Some(1)).is_ok());
        assert!(admission.0.lock().is_empty());
    }
}
