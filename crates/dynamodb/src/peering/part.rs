//! A replica of here that goes its own way beside others at peers: it waits for what those have written for it.

use super::carry::{Carrier, about};
use super::messages::{self, BROUGHT, Brought, Marked};
use super::{ask, one_of_each_peer, unavailable};
use engine::Table;
use peers::CallError;
use std::collections::HashMap;
use std::sync::Arc;
use store::StoreError;

/// How far each peer had come, by one of its regions, behind which the replica was marked as going its own way.
pub type Marks = HashMap<Arc<str>, String>;

impl Carrier {
    /// Whether a replica has all that peers had for it once they were first asked. A peer that does not know it any
    /// more has been told that it went.
    pub async fn has_all_of_others(&self, table: &Table, marks: &mut Marks) -> Result<bool, StoreError> {
        let members = table.remote_replicas().iter().filter(|replica| replica.is_member());
        let mut has_all = true;
        for region in one_of_each_peer(&self.peers, members.map(|replica| &replica.region)) {
            let mark = marks.get(&region).cloned();
            let asked = Brought { about: about(table, &table.scope.region), mark };
            match ask::<Marked>(&self.peers, &region, BROUGHT, &asked).await {
                Ok(Marked { mark, is_read, .. }) => {
                    marks.entry(region).or_insert(mark);
                    has_all &= is_read;
                }
                Err(CallError::Said { code, .. }) if code == messages::NOT_MEMBER => {}
                Err(error) => return Err(unavailable(&self.peers, &region, &error)),
            }
        }
        Ok(has_all)
    }
}
