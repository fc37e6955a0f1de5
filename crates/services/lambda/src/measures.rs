//! The figures of functions, which are metrics of the namespace `AWS/Lambda`: what happened, by function, by what the
//! call named (its resource), by the version that an alias led to, and of all functions together. Whoever puts the
//! server together connects what keeps them.

use crate::execution::Invoked;
use crate::name::Arn;
use model::ApiError;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The namespace of the metrics.
pub const NAMESPACE: &str = "AWS/Lambda";

/// A value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Such as `Invocations`.
    pub name: &'static str,
    /// Such as `Count`.
    pub unit: &'static str,
    /// The value.
    pub value: f64,
    /// The dimensions of each series that it belongs to.
    pub dimensions: Vec<Vec<(&'static str, String)>>,
}

/// What keeps values.
pub type Keep = dyn Fn(Measured) + Send + Sync;

/// The figures of a server's functions; nothing is kept before it is connected.
#[derive(Clone, Default)]
pub(crate) struct Measures(Arc<OnceLock<Arc<Keep>>>);

impl Measures {
    pub(crate) fn connect(&self, keep: Arc<Keep>) {
        _ = self.0.set(keep);
    }

    /// A call came to its end, or found no room.
    pub(crate) fn called(&self, arn: &Arn, running: u64, called: &Result<Invoked, ApiError>) {
        match called {
            Ok(invoked) => {
                let version = Some(invoked.executed_version.as_str());
                let has_failed = u8::from(invoked.function_error.is_some());
                self.keep((arn, version), "Invocations", "Count", 1.0);
                self.keep((arn, version), "Errors", "Count", has_failed.into());
                let millis = invoked.duration.as_secs_f64() * 1_000.0;
                self.keep((arn, version), "Duration", "Milliseconds", millis);
                self.keep((arn, version), "ConcurrentExecutions", "Count", running as f64);
            }
            Err(error) if error.code.status() == 429 => self.count(arn, "Throttles"),
            Err(_) => {}
        }
    }

    /// Something happened once.
    pub(crate) fn count(&self, arn: &Arn, name: &'static str) {
        self.keep((arn, None), name, "Count", 1.0);
    }

    /// Something was so old.
    pub(crate) fn age(&self, arn: &Arn, name: &'static str, micros: u64) {
        self.keep((arn, None), name, "Milliseconds", micros as f64 / 1_000.0);
    }

    fn keep(&self, of: (&Arn, Option<&str>), name: &'static str, unit: &'static str, value: f64) {
        let Some(keep) = self.0.get() else { return };
        let (account, region) = (of.0.account.clone(), of.0.region.clone());
        keep(Measured { account, region, name, unit, value, dimensions: dimensions(of) });
    }
}

/// The series of a function. A call by an alias also counts for the version that it led to.
fn dimensions((arn, version): (&Arn, Option<&str>)) -> Vec<Vec<(&'static str, String)>> {
    let function = ("FunctionName", arn.name.clone());
    let named = arn.qualifier.as_ref().map(|qualifier| format!("{}:{qualifier}", arn.name));
    let resource = ("Resource", named.unwrap_or_else(|| arn.name.clone()));
    let of_resource = vec![function.clone(), resource];
    let mut series = vec![Vec::new(), vec![function], of_resource.clone()];
    let of_alias = arn.qualifier.as_deref().zip(version).filter(|(qualifier, version)| qualifier != version);
    if let Some((_, version)) = of_alias {
        let version = ("ExecutedVersion", version.to_owned());
        series.push(of_resource.into_iter().chain([version]).collect());
    }
    series
}

impl fmt::Debug for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Measures").field(&self.0.get().is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors;
    use parking_lot::Mutex;

    fn arn(qualifier: Option<&str>) -> Arn {
        let qualifier = qualifier.map(str::to_owned);
        Arn { region: "r".into(), account: "1".into(), name: "f".into(), qualifier }
    }

    #[test]
    fn a_call_counts_for_function_resource_and_version() {
        let pair = |name, value: &str| (name, value.to_owned());
        let function = pair("FunctionName", "f");
        assert_eq!(
            dimensions((&arn(None), Some("$LATEST"))),
            [vec![], vec![function.clone()], vec![function.clone(), pair("Resource", "f")]]
        );
        let resource = pair("Resource", "f:live");
        assert_eq!(
            dimensions((&arn(Some("live")), Some("3")))[2..],
            [
                vec![function.clone(), resource.clone()],
                vec![function.clone(), resource, pair("ExecutedVersion", "3")]
            ]
        );
        assert_eq!(dimensions((&arn(Some("3")), Some("3"))).len(), 3);
    }

    #[test]
    fn what_ran_and_what_found_no_room() {
        let (measures, kept) = (Measures::default(), Arc::new(Mutex::new(Vec::new())));
        measures.count(&arn(None), "Throttles"); // nobody keeps it
        let keeping = Arc::clone(&kept);
        measures.connect(Arc::new(move |measured| {
            keeping.lock().push((measured.name, measured.unit, measured.value));
        }));
        let invoked = Invoked::without_answer(200, "$LATEST".to_owned());
        measures.called(&arn(None), 2, &Ok(Invoked { function_error: Some("Unhandled"), ..invoked }));
        measures.called(&arn(None), 0, &Err(errors::throttled()));
        measures.age(&arn(None), "IteratorAge", 1_500);
        assert_eq!(
            *kept.lock(),
            [
                ("Invocations", "Count", 1.0),
                ("Errors", "Count", 1.0),
                ("Duration", "Milliseconds", 0.0),
                ("ConcurrentExecutions", "Count", 2.0),
                ("Throttles", "Count", 1.0),
                ("IteratorAge", "Milliseconds", 1.5),
            ]
        );
    }
}
