//! The denials of the last requests, by request id, so that an administrator can look up why one was denied. Kept in
//! memory, so many of them; only a denial touches them.

use crate::request_id::RequestId;
use model::{ApiError, Detail};
use parking_lot::Mutex;
use std::collections::VecDeque;

const DENIALS_MAX: usize = 1_000;

/// Request ids with explanations, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<VecDeque<(String, String)>>);

impl Denials {
    /// Keeps the explanation of an error that has one.
    pub(crate) fn note(&self, id: &RequestId, error: &ApiError) {
        let Some(Detail::Explanation(explanation)) = error.detail.as_deref() else { return };
        let mut kept = self.0.lock();
        if kept.len() == DENIALS_MAX {
            kept.pop_front();
        }
        kept.push_back((id.to_string(), explanation.clone()));
    }

    /// Why a request was denied.
    pub(crate) fn explain(&self, id: &str) -> Option<String> {
        let kept = self.0.lock();
        kept.iter().rev().find(|(known, _)| known == id).map(|(_, explanation)| explanation.clone())
    }
}
