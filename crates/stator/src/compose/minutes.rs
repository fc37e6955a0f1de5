//! What is done once a minute of the clock, whatever requests come: metrics are written to the store, alarms evaluated,
//! scheduled actions run. A thread that sleeps until then, so that it follows a clock that is moved.

use super::DaxMetrics;
use crate::failure::Failure;
use application_autoscaling::ApplicationAutoScaling;
use cloudwatch::CloudWatch;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use stdx::Clock;
use tokio::runtime::Handle;

const MINUTE_MICROS: u64 = 60_000_000;

/// The thread.
pub(crate) struct Minutes {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Minutes {
    /// Starts it. What it waits for is driven by the runtime.
    pub(crate) fn start(
        (cloudwatch, autoscaling): (Arc<CloudWatch>, Arc<ApplicationAutoScaling>),
        mut dax: Option<DaxMetrics>,
        clock: Arc<dyn Clock>,
        runtime: Handle,
    ) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            let mut done = clock.now_micros() / MINUTE_MICROS;
            while !stopped.load(Ordering::Acquire) {
                // A minute that began while the last was worked on is not left out, and no clock set back waited for.
                done = done.min(clock.now_micros() / MINUTE_MICROS);
                let next = (done + 1) * MINUTE_MICROS;
                while clock.now_micros() < next && !stopped.load(Ordering::Acquire) {
                    clock.park_until(Some(next));
                }
                let now_micros = clock.now_micros();
                done = now_micros / MINUTE_MICROS;
                if let Some(dax) = &mut dax {
                    dax.collect(&cloudwatch, now_micros);
                }
                runtime.block_on(async {
                    cloudwatch.tick(now_micros).await;
                    autoscaling.tick(now_micros).await;
                });
            }
        };
        let thread = std::thread::Builder::new().name("minutes".to_owned()).spawn(work);
        let thread = thread.map_err(|error| Failure::Other(format!("cannot start a thread: {error}")))?;
        Ok(Minutes { stop, thread })
    }

    /// Ends it, once more done.
    pub(crate) fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        _ = self.thread.join();
    }
}
