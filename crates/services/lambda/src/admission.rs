//! How many calls of a function run at a time, where that is reserved: counted by each server for itself.

use crate::errors;
use model::ApiError;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// The calls that run, of functions with a reserved concurrency.
#[derive(Debug, Clone, Default)]
pub(crate) struct Admission(Arc<Mutex<HashMap<String, u64>>>);

/// A call that runs.
#[derive(Debug)]
pub(crate) struct Admitted {
    function: String,
    admission: Admission,
}

impl Admission {
    /// Admits a call, unless as many run as are reserved. Without a reservation nothing is counted.
    pub(crate) fn enter(
        &self,
        function: String,
        reserved: Option<u64>,
    ) -> Result<Option<Admitted>, ApiError> {
        let Some(reserved) = reserved else { return Ok(None) };
        let mut running = self.0.lock();
        let count = running.entry(function.clone()).or_default();
        if *count >= reserved {
            return Err(errors::throttled());
        }
        *count += 1;
        drop(running);
        Ok(Some(Admitted { function, admission: self.clone() }))
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
        assert!(enter(None).is_ok_and(|admitted| admitted.is_none()));
        assert!(enter(Some(0)).is_err());
        let first = enter(Some(1)).unwrap();
        assert!(first.is_some() && enter(Some(1)).is_err() && enter(Some(2)).is_ok());
        drop(first);
        assert!(enter(Some(1)).is_ok());
        assert!(admission.0.lock().is_empty());
    }
}
