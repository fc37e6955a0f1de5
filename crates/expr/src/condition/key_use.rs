//! How a condition or filter uses the attributes of keys. The caller passes which attributes those are.

use crate::condition::Condition;
use crate::error::KeyUseError;
use crate::path::Path;

impl Condition {
    /// The filter of a Query names no attribute of the key it queries by.
    pub fn check_filters_no_key(&self, keys: &[&str]) -> Result<(), KeyUseError> {
        let used = self.find_path(|path| keys.contains(&path.top_level_name()));
        used.map_or(Ok(()), |path| Err(KeyUseError::InFilter(path.top_level_name().to_owned())))
    }

    fn find_path(&self, wanted: impl Fn(&Path) -> bool) -> Option<&Path> {
        let mut found = None;
        self.visit_paths(&mut |path| {
            if found.is_none() && wanted(path) {
                found = Some(path);
            }
        });
        found
    }
}
