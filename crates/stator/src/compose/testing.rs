//! What a local server does for those who test their programs:
//!
//! * `PUT /_aws/dynamodb/faults?fault=throttle&table=NAME` puts a rule into force, `DELETE` on the path takes all back.
//! * `PUT /_aws/clock?advance=SECONDS` sets the clock forward, where the server was started with `--adjustable-clock`.
//!
//! No credentials are required. A production server has neither path.

use super::query::members;
use crate::config::TestingConfig;
use dynamodb::faults::{FaultRule, Faults};
use http_server::{Act, Page};
use pipeline::Request;
use std::sync::Arc;
use stdx::{AdjustableClock, Clock, SystemClock};

const FAULTS: &str = "/_aws/dynamodb/faults";
const CLOCK: &str = "/_aws/clock";

/// Ten years: dates stay far from where they end.
const ADVANCE_SECONDS_MAX: u64 = 10 * 366 * 86_400;

/// Faults and clock of a server.
#[derive(Debug, Clone, Default)]
pub(super) struct Testing {
    faults: Arc<Faults>,
    takes_faults: bool,
    clock: Option<Arc<AdjustableClock>>,
}

impl Testing {
    pub(super) fn of(config: &TestingConfig) -> Self {
        let faults = Faults::default();
        for rule in &config.faults {
            if let Err(why) = faults.add(rule.clone()) {
                tracing::warn!("a fault on demand is left out: {why}");
            }
        }
        let clock = config.adjustable_clock.then(Arc::default);
        Testing { faults: Arc::new(faults), takes_faults: config.takes_faults, clock }
    }

    /// The rules of the server.
    pub(super) fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults)
    }

    /// The clock of the server.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        match &self.clock {
            Some(clock) => Arc::clone(clock) as Arc<dyn Clock>,
            None => Arc::new(SystemClock),
        }
    }

    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        let query = request.uri.query().unwrap_or_default();
        let page = match (request.uri.path(), request.method.as_str()) {
            (FAULTS, "PUT") if self.takes_faults => self.add_rule(query),
            (FAULTS, "DELETE") if self.takes_faults => {
                Page::json(200, format!("{{\"Removed\": {}}}", self.faults.clear()))
            }
            (CLOCK, "PUT") => advance(self.clock.as_ref()?, query),
            _ => return None,
        };
        Some(Box::pin(std::future::ready(page)))
    }

    fn add_rule(&self, query: &str) -> Page {
        let members: Vec<_> = members(query).collect();
        let rule = FaultRule::of(members.iter().map(|(name, value)| (&**name, &**value)));
        match rule.and_then(|rule| self.faults.add(rule)) {
            Ok(()) => Page::json(200, "{}"),
            Err(why) => Page::text(400, format!("{why}\n")),
        }
    }
}

fn advance(clock: &AdjustableClock, query: &str) -> Page {
    let seconds = query.strip_prefix("advance=").and_then(|text| text.parse::<u64>().ok());
    match seconds.filter(|seconds| *seconds <= ADVANCE_SECONDS_MAX) {
        Some(seconds) => {
            clock.advance_micros(seconds * 1_000_000);
            Page::json(200, format!("{{\"Now\": {}}}", clock.now_micros() / 1_000_000))
        }
        None => Page::text(400, format!("ask for ?advance=SECONDS, up to {ADVANCE_SECONDS_MAX}\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method};

    fn ask(testing: &Testing, method: Method, uri: &str) -> Option<u16> {
        let request = Request {
            method,
            uri: uri.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Default::default(),
            sent: None,
            peer: None,
            streams: None,
        };
        let act = testing.act(&request)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        match runtime.block_on(act) {
            Page::Document { status, .. } => Some(status),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_local_server_takes_rules_and_a_clock_only_where_it_was_allowed() {
        let local = Testing::of(&TestingConfig { takes_faults: true, ..TestingConfig::default() });
        assert_eq!(ask(&local, Method::PUT, "/_aws/dynamodb/faults?fault=error&key=a%20b"), Some(200));
        assert_eq!(ask(&local, Method::PUT, "/_aws/dynamodb/faults?fault=nothing"), Some(400));
        assert_eq!((ask(&local, Method::DELETE, FAULTS), local.faults.clear()), (Some(200), 0));
        assert_eq!(ask(&local, Method::PUT, "/_aws/clock?advance=5"), None);
        let adjustable = Testing::of(&TestingConfig { adjustable_clock: true, ..TestingConfig::default() });
        let before = adjustable.clock().now_micros();
        assert_eq!(ask(&adjustable, Method::PUT, "/_aws/clock?advance=3600"), Some(200));
        assert!(adjustable.clock().now_micros() >= before + 3_600_000_000);
        for query in ["", "?advance=", "?advance=-1", "?advance=1e9", "?advance=99999999999"] {
            assert_eq!(ask(&adjustable, Method::PUT, &format!("/_aws/clock{query}")), Some(400), "{query}");
        }
        assert_eq!(ask(&adjustable, Method::PUT, "/_aws/dynamodb/faults?fault=error"), None);
    }
}
