//! The pages of the server.

use super::capacity_modes::CapacityModes;
use super::denials::Denials;
use super::expired_items::ExpiredItems;
use super::packages::Packages;
use super::peer_calls::PeerCalls;
use super::plans::Plans;
use super::testing::Testing;
use crate::metrics::MetricsPage;
use http_server::{Act, Page, Pages};
use pipeline::Request;

/// Health, metrics, and actions at paths of their own.
#[derive(Debug)]
pub(super) struct ServerPages {
    pub health: Box<dyn Pages>,
    pub expired_items: ExpiredItems,
    pub capacity_modes: CapacityModes,
    pub plans: Plans,
    pub denials: Denials,
    pub packages: Packages,
    pub peer_calls: PeerCalls,
    pub testing: Testing,
    pub metrics: MetricsPage,
}

impl Pages for ServerPages {
    fn find(&self, request: &Request) -> Page {
        self.health.find(request)
    }

    fn body_bytes_max(&self, request: &Request) -> Option<usize> {
        self.peer_calls.body_bytes_max(request)
    }

    fn act(&self, request: &Request) -> Option<Act> {
        let act = self.expired_items.act(request).or_else(|| self.capacity_modes.act(request));
        let act = act.or_else(|| self.testing.act(request)).or_else(|| self.plans.act(request));
        let act = act.or_else(|| self.packages.act(request)).or_else(|| self.peer_calls.act(request));
        act.or_else(|| self.denials.act(request)).or_else(|| self.metrics.act(request))
    }
}
