//! The server: its build, connections, store and jobs.

use super::exposition::Exposition;
use super::exposition::Kind::Gauge;
use engine::{Engine, JobProgress};
use http_server::Connections;

const MICROS_PER_SECOND: f64 = 1e6;

pub(super) fn write(text: &mut Exposition, engine: &Engine, connections: &Connections) {
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    text.family("stator_build_info", Gauge, "The version that runs.").sample(&version, 1);
    text.family("stator_connections", Gauge, "Open client connections.").sample(&[], connections.open());
    store(text, engine);
    jobs(text, &engine.job_progress());
}

fn store(text: &mut Exposition, engine: &Engine) {
    let (durable, is_healthy) = (engine.store().durable(), engine.store().health().is_ok());
    text.family("stator_store_durable_position", Gauge, "Position of the newest durable commit.")
        .sample(&[], durable.position.0);
    text.family("stator_store_durable_timestamp_seconds", Gauge, "Time of the newest durable commit.")
        .sample(&[], durable.time_micros as f64 / MICROS_PER_SECOND);
    text.family("stator_store_takes_writes", Gauge, "Whether the store takes writes.")
        .sample(&[], u8::from(is_healthy));
}

fn jobs(text: &mut Exposition, jobs: &[JobProgress]) {
    let mut done =
        text.family("stator_job_done", Gauge, "What a job behind requests has done: items or steps.");
    jobs.iter().for_each(|job| done.sample(&[("job", &job.id)], job.done));
    let mut failing = text.family("stator_job_failing", Gauge, "Whether the last step of a job failed.");
    jobs.iter().for_each(|job| failing.sample(&[("job", &job.id)], u8::from(job.failure.is_some())));
    let mut progress =
        text.family("stator_job_progress_ratio", Gauge, "The part of its items a job has done.");
    for (job, percent) in jobs.iter().filter_map(|job| Some((job, job.percent?))) {
        progress.sample(&[("job", &job.id)], percent / 100.0);
    }
}
