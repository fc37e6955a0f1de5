//! What the store tells of itself, and leases on it.

use super::exposition::Exposition;
use super::exposition::Kind::{Counter, Gauge};
use ::store::{Measure, lease};

pub(super) fn write(text: &mut Exposition, measures: &[Measure]) {
    for of_one_name in measures.chunk_by(|a, b| a.name == b.name) {
        let Measure { name, help, grows, .. } = of_one_name[0];
        let mut family = text.family(name, if grows { Counter } else { Gauge }, help);
        for Measure { label, value, .. } in of_one_name {
            match label {
                Some((name, told)) => family.sample(&[(name, told)], value),
                None => family.sample(&[], value),
            }
        }
    }
    text.family(
        "stator_leases_taken_over_total",
        Counter,
        "Leases taken that had run out at another server.",
    )
    .sample(&[], lease::taken_over());
}
